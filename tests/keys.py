"""The documented integer key, computed in Python."""

import hashlib


def key(*parts: str) -> int:
    """The first 60 bits of the MD5 of the joined parts; each but the last follows its length."""
    text = "".join(f"{len(part)}|{part}|" for part in parts[:-1]) + parts[-1]
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)
