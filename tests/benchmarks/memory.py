"""How much memory a measured process took."""

from pathlib import Path


def peak_mib() -> int:
    """The most memory that this process had resident since its program began, in MiB.

    The `ru_maxrss` of `getrusage` begins with what the parent had resident when it started this
    process: beside a large parent it says nothing. Linux only.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024
