"""What must outlive a power cut."""

import os
from pathlib import Path


def sync_to_disk(path: Path) -> None:
    """Waits until a file, or a directory's list of names, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
