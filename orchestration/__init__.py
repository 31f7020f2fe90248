"""When and in which order things run, and moving bytes in and out; no transformation."""
