"""Corpus files whose bytes no editor should touch, built the same every time."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow

TWO_ROWS = b"thing_id,label\n1,a\n2,b\n"
ZEROS = b"1,0000000000000000\n" * (1 << 20)


def _zstd(content: bytes) -> bytes:
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


def _random_bytes() -> bytes:
    generator = random.Random(7)
    return b"thing_id,label\n" + bytes(generator.randrange(128, 256) for _ in range(1000))


def _damaged_gzip() -> bytes:
    content = bytearray(gzip.compress(TWO_ROWS * 1000, mtime=0))
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


BUILDERS: dict[str, Callable[[], bytes]] = {
    "zip_bomb": lambda: gzip.compress(b"thing_id,label\n" + ZEROS, mtime=0),
    "zstd_bomb": lambda: _zstd(b"thing_id,label\n" + ZEROS),
    "gzip_file": lambda: gzip.compress(TWO_ROWS, mtime=0),
    "cut_gzip": lambda: gzip.compress(TWO_ROWS * 1000, mtime=0)[:-20],
    "damaged_gzip": _damaged_gzip,
    "gzip_in_gzip": lambda: gzip.compress(gzip.compress(TWO_ROWS, mtime=0), mtime=0),
    "not_gzip": lambda: TWO_ROWS,
    "cut_zstd": lambda: _zstd(TWO_ROWS + random.Random(7).randbytes(100_000).hex().encode())[:-9],
    "long_line": lambda: b"thing_id,label\n1," + b"x" * (3 << 20) + b"\n",
    "long_header": lambda: b"thing_id," + b"x" * (3 << 20) + b"\n1,2\n",
    "many_columns": lambda: b"thing_id,label," + b",".join(b"c%d" % i for i in range(5000)) + b"\n",
    "long_text": lambda: b"thing_id,label\n1," + b"x" * 1_000_000 + b"\n",
    "random_bytes": _random_bytes,
    "workbook": lambda: b"PK\x03\x04\0\0\r\r\n\n" * 100,
    "nul_in_the_header": lambda: b"thing_id,la\0bel\r\n1,a\n2,b\r\n",
    "separator_line": lambda: b"sep=;\r\nthing_id;label\r\n1;a\r\n",
    "decomposed_header": lambda: b"thing_id,Libelle\xcc\x81\n1,a\n",
    "german_total": lambda: b"thing_id,label\n1,a\nGesamt:,\n",
    "rounded_identifiers": lambda: (
        b'thing_id,label\n1.23457E+15,a\n"1,23457E+15",b\n1E5,c\n'
        b"12345678901234567890,1.23E+10\nA1.5E+20,e\n1.2345678901234568e+16,f\n"
    ),
}


def build(name: str, path: Path) -> bytes:
    """Writes the file of that name to `path` and returns the bytes that a reader would see."""
    if name == "symbolic_link":
        target = path.with_name("elsewhere")
        target.write_bytes(TWO_ROWS)
        path.symlink_to(target)
        return b""
    content = BUILDERS[name]()
    path.write_bytes(content)
    return content
