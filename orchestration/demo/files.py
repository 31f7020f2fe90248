"""Writing files: rendered whole, then put in place in one step, and only where they differ."""

import csv
import gzip
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from orchestration.demo.timeline import Ints, Texts

Columns = Mapping[str, Sequence[Any] | npt.NDArray[Any]]


@dataclass(frozen=True)
class Dialect:
    """How a system writes CSV."""

    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"


PLAIN = Dialect()


@dataclass
class Landing:
    """The directory files are written to, and what has been written there.

    `rows` counts data rows per file, by path relative to `root`.
    """

    root: Path
    rows: dict[str, int] = field(default_factory=dict)
    bytes: int = 0

    def write(self, name: str, columns: Columns, dialect: Dialect = PLAIN) -> None:
        """Writes a file of equally long columns; compressed where `name` ends with `.gz`."""
        content = render(columns, dialect)
        if name.endswith(".gz"):
            content = gzip.compress(content, compresslevel=2, mtime=0)
        put(self.root / name, content)
        self.rows[name] = len(next(iter(columns.values())))
        self.bytes += len(content)

    def write_parts(
        self, name: str, labels: Texts, columns: Columns, dialect: Dialect = PLAIN
    ) -> None:
        """Writes one file per label; `name` holds `{}` for it."""
        arrays = {header: np.asarray(values, dtype=object) for header, values in columns.items()}
        for label, rows in parts(labels):
            self.write(
                name.format(label), {h: values[rows] for h, values in arrays.items()}, dialect
            )


def parts(labels: Texts) -> Iterator[tuple[str, Ints]]:
    """Each distinct label in order, with the positions that carry it."""
    values, inverse = np.unique(labels.astype(str), return_inverse=True)
    for number, label in enumerate(values.tolist()):
        yield label, np.flatnonzero(inverse == number)


def render(columns: Columns, dialect: Dialect = PLAIN) -> bytes:
    """The bytes of a CSV file with a header."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
    writer.writerow(columns)
    writer.writerows(
        zip(
            *(v.tolist() if isinstance(v, np.ndarray) else v for v in columns.values()),
            strict=True,
        )
    )
    return text.getvalue().encode(dialect.encoding)


def put(path: Path, content: bytes) -> None:
    """Makes `path` hold `content`: untouched if it does already, else replaced in one step."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def money(cents: Ints | Sequence[int]) -> Texts:
    """Cents, none negative, as `12.34`."""
    values = cents.tolist() if isinstance(cents, np.ndarray) else cents
    return np.array([f"{c // 100}.{c % 100:02d}" for c in values], dtype=object)


def french_money(cents: Ints | Sequence[int]) -> Texts:
    """Cents, none negative, as `1 234,56`."""
    values = cents.tolist() if isinstance(cents, np.ndarray) else cents
    return np.array(
        [f"{c // 100:,}".replace(",", " ") + f",{c % 100:02d}" for c in values], dtype=object
    )


def grouped(numbers: Ints) -> Texts:
    """Whole numbers as `1,234`."""
    return np.array([f"{number:,}" for number in numbers.tolist()], dtype=object)


def grouped_money(cents: Ints) -> Texts:
    """Cents, none negative, as `1,234.56`."""
    return np.array([f"{c // 100:,}.{c % 100:02d}" for c in cents.tolist()], dtype=object)
