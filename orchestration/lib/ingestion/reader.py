"""One staged file as SQL relations, whatever its format."""

from contextlib import nullcontext, suppress
from glob import escape

import duckdb

from orchestration.lib.company import TableFormat
from orchestration.lib.ingestion import csv_reader, jsonl_reader, sql, xlsx_reader
from orchestration.lib.ingestion.files import FileRefusedError, StagedFile
from orchestration.lib.ingestion.run import Run

_TABLES = (
    "source",
    "mapped",
    "parsed",
    "faults",
    "repeated",
    "shared_keys",
    "moves",
    "odd_rows",
    "suspects",
    "classified",
)


class Reader:
    """A file's rows, straight from the file or, once `materialise` ran, from a temp table.

    The text is read once for all tables that query it. `ragged` maps the rows with a wrong
    number of columns to their lines.
    """

    def __init__(self, run: Run, staged: StagedFile) -> None:
        self.run = run
        self.staged = staged
        self.csv: csv_reader.CsvFile | None = None
        self.json: jsonl_reader.JsonFile | None = None
        self.sheet: xlsx_reader.Sheet | None = None
        self.ragged: dict[int, int] = {}
        self.is_materialised = False
        self._opened_as: tuple[str | int, ...] | None = None

    def open(self, settings: TableFormat) -> None:
        """Checks the file against the declared format; cheap when that is as before."""
        wanted = (
            settings.format,
            settings.delimiter,
            settings.quote,
            settings.encoding,
            settings.header_line,
            settings.footer_lines,
            settings.sheet,
            settings.range,
            settings.may_be_empty is True,
        )
        if self._opened_as == wanted:
            return
        self._opened_as, self.csv, self.ragged, self.is_materialised = None, None, {}, False
        self.json, self.sheet = None, None
        if settings.format == "csv":
            self.csv = csv_reader.open_csv(self.staged.path, settings, self.run.scratch)
            self.csv = csv_reader.made_plain(
                self.csv, self.staged, self.run.connection, self.run.scratch
            )
        elif settings.format == "jsonl":
            self.json = jsonl_reader.read(
                self.run.connection,
                self.staged.path,
                may_be_empty=settings.may_be_empty is True,
            )
            self.is_materialised = True
        # What erasing a person left of a workbook is Parquet.
        elif settings.format == "xlsx" and self.staged.path.suffix != ".parquet":
            self.sheet = xlsx_reader.convert(self.staged.path, settings, self.run.scratch)
        self._opened_as = wanted

    def reopen(self) -> None:
        """Lets the next `open` read the file anew: another reader has used the temp tables."""
        self._opened_as = None

    def rows(self, *, store_rejects: bool = False) -> str:
        """SQL of the rows with `_row_number`, counted from 1 in file order."""
        if self.is_materialised:
            return "source"
        if self.csv:
            relation = csv_reader.relation(self.csv, store_rejects=store_rejects)
            return f"(select row_number() over () as _row_number, * from {relation})"
        path = sql.path_literal(self.sheet.path if self.sheet else self.staged.path)
        return (
            "(select file_row_number + 1 as _row_number, * exclude (file_row_number) "
            f"from read_parquet({path}, file_row_number = true))"
        )

    def strict_rows(self) -> str:
        """SQL of the rows, whose reading ends with an error at the first line that is not sound."""
        if self.csv and not self.is_materialised:
            relation = csv_reader.relation(self.csv, store_rejects=False, ignore_errors=False)
            return f"(select row_number() over () as _row_number, * from {relation})"
        return self.rows()

    def columns(self) -> dict[str, str]:
        """The file's column names and DuckDB types; raises `FileRefusedError`."""
        if self.csv:
            return dict.fromkeys(self.csv.header, "VARCHAR")
        try:
            columns = describe(self.run.connection, self.rows())
        except (duckdb.InvalidInputException, duckdb.IOException):
            raise _broken_parquet() from None
        columns.pop("_row_number")
        return columns

    def create(self, table: str, select: str) -> None:
        """Creates a temp table from a select that may read the file; raises `FileRefusedError`."""
        csv_reader.forget_rejects(self.run.connection)
        try:
            with self.run.one_thread() if self.csv else nullcontext():
                self.run.connection.execute(f"create or replace temp table {table} as {select}")
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            raise self.unfit("SQL") from None
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            raise (csv_reader.unreadable(error) if self.csv else _broken_parquet()) from None

    def unfit(self, what: str) -> FileRefusedError:
        """What is said of SQL that fails on a value: the database quotes it; it may be personal."""
        of_days = (
            " A workbook's date is a number there: write date '1899-12-30' + \"Day\"::int."
            if self.sheet
            else ""
        )
        return FileRefusedError(
            f"does not fit: the {what} of its source.yaml fails on a value; use try_cast there."
            f"{of_days}"
        )

    def check_rejects(self) -> int:
        """How many ragged lines the read just done found; raises for a broken file."""
        return csv_reader.check_rejects(self.run.connection) if self.csv else 0

    def materialise(self) -> None:
        """Reads the file into the temp table `source`, without blank rows.

        Those, and ragged ones, count in the row numbers.
        """
        if self.is_materialised:
            return
        self.create("source", f"select * from {self.rows(store_rejects=True)}")
        if self.check_rejects() and self.csv:
            self._shift_row_numbers(self.csv)
        if self.csv:
            blank = csv_reader.is_blank(self.csv.header)
            self.run.connection.execute(f"delete from source where {blank}")
        self.is_materialised = True

    def _shift_row_numbers(self, file: csv_reader.CsvFile) -> None:
        """Counts ragged rows, which DuckDB left out, among the row numbers."""
        located = csv_reader.locate(file, set())
        connection = self.run.connection
        kept = connection.execute("select count(*) from source").fetchone()
        if not kept or kept[0] + len(located.ragged) != located.row_count:
            raise FileRefusedError(
                "is read differently by two readers; check its quotes and line ends."
            )
        self.ragged = {row: located.lines[row] for row in located.ragged}
        # The j-th ragged row moves every good row that stands after it by one.
        moves = [(row - position, position + 1) for position, row in enumerate(located.ragged)]
        connection.execute(
            "create or replace temp table moves as "
            "select first_row, max(move) as move from "
            "(select unnest($1::bigint[]) as first_row, unnest($2::bigint[]) as move) "
            "group by first_row",
            [[first for first, _ in moves], [move for _, move in moves]],
        )
        connection.execute(
            "create or replace temp table source as select source.* replace "
            "(source._row_number + coalesce(moves.move, 0) as _row_number) from source "
            "asof left join moves on source._row_number >= moves.first_row order by 1"
        )

    def file_rows(self) -> int | None:
        """How many rows the file has, ragged ones included; None before it was materialised."""
        if not self.is_materialised:
            return None
        counted = self.run.connection.execute("select count(*) from source").fetchone()
        return len(self.ragged) + (int(counted[0]) if counted else 0)

    def lines(self, rows: set[int]) -> dict[int, int]:
        """On which line of the file each of the rows starts; empty where files have no lines."""
        if self.csv:
            return csv_reader.locate(self.csv, rows).lines
        if self.json:
            return self.json.lines(rows)
        return {row: self.sheet.lines[row - 1] for row in rows} if self.sheet else {}

    def close(self) -> None:
        """Drops what was read."""
        # A text in another encoding, without the lines around it, or of a workbook: each a copy.
        for copy in self.run.scratch.glob(f"{escape(self.staged.path.name)}.*"):
            copy.unlink()
        # Where a transaction was broken off, its end drops them.
        with suppress(duckdb.TransactionException):
            for table in _TABLES:
                self.run.connection.execute(f"drop table if exists temp.{table}")


def _broken_parquet() -> FileRefusedError:
    return FileRefusedError("is no complete Parquet file; it may be cut off: deliver it again.")


def describe(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Column names and DuckDB types of a relation."""
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}
