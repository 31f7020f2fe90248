"""A company as a directory: its clock and currency, its sources, its own reference data.

`company.yaml` and each `source.yaml` are checked against the models below; a key that is not
known, a value that cannot be used and a table that the contract does not have are refused with
the file, the key and what to write instead. `docs/sources.md` is the reference for users.
"""

import os
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from orchestration.lib import points
from orchestration.lib.contract import Contract, did_you_mean
from orchestration.lib.locations import (
    DatabaseLocation,
    Location,
    check_files,
    is_object_store,
)
from orchestration.lib.mendable import MendableError

SUPPORTED_FORMATS = ("csv", "jsonl", "parquet", "xlsx")
# Python codec names; what a file may be written in, besides UTF-8 with or without BOM.
SUPPORTED_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    # Windows' code pages: 1250 Central Europe, 1251 Cyrillic, 1252 Western, 1253 Greek,
    # 1254 Turkish, 1255 Hebrew, 1256 Arabic, 1257 Baltic, 1258 Vietnamese.
    **{f"cp{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
    # What Windows and Excel write in Japan is called Shift_JIS and has characters beyond it: ①, ㈱.
    "cp932": "cp932",
    "shift_jis": "cp932",
}

# How numbers and dates are written.
_NOTATION = (
    "decimal_separator",
    "thousands_separator",
    "digit_groups",
    "date_format",
    "timestamp_format",
)

VarValue = str | int | float | bool | list[str | int | float] | dict[str, str | int | float]


class CompanyError(MendableError, ValueError):
    """A company directory that cannot be used; the message names file, key and remedy."""


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


StringList = Annotated[list[str], BeforeValidator(_one_or_many)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expression(_Strict):
    """A SQL expression over the file's columns."""

    sql: str = Field(min_length=1)


# Where a file has a contract column: under one header, or under that of several which it has; or
# what is made of its columns.
HeaderNames = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]


def _header_or_sql(value: object) -> object:
    """Refuses what is neither in one sentence, where pydantic would complain once for each."""
    is_list = isinstance(value, list) and all(isinstance(name, str) for name in value)
    if is_list or isinstance(value, (str, dict, tuple, Expression)):
        return value
    raise ValueError(
        'is a column of the file, by its header in quotes ("5" or "No", which YAML takes for a '
        "number and for false), a list of such headers, or {sql: expression}; leave the key out "
        "where both have the same name"
    )


# The tags are taken out of error locations again, like those of `Location`.
Target = Annotated[
    Annotated[
        Annotated[HeaderNames, Tag("[header]")] | Annotated[Expression, Tag("[sql]")],
        Discriminator(
            lambda value: "[sql]" if isinstance(value, (dict, Expression)) else "[header]"
        ),
    ],
    BeforeValidator(_header_or_sql),
]


class Format(_Strict):
    """How a file writes its values; a key that is not set falls back to the source's defaults."""

    format: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None
    decimal_separator: Literal[".", ","] | None = None
    thousands_separator: Literal["", " ", ".", ",", "'"] | None = None
    digit_groups: Literal["threes", "indian"] | None = None
    date_format: StringList | None = None
    timestamp_format: StringList | None = None
    timezone: str | None = None
    null_values: StringList | None = None
    tolerance: float | None = Field(default=None, ge=0, le=1)
    max_compression_ratio: int | None = Field(default=None, ge=1)
    keep_text: bool | None = None
    may_be_empty: bool | None = None
    header_line: int | None = Field(default=None, ge=1)
    footer_lines: int | None = Field(default=None, ge=0)
    sheet: str | None = Field(default=None, min_length=1)
    range: str | None = Field(default=None, pattern=r"^[A-Z]{1,3}[1-9][0-9]*:[A-Z]{1,3}[0-9]*$")

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str | None) -> str | None:
        if value is not None and value not in SUPPORTED_FORMATS:
            raise ValueError(f"{value!r} is not read; supported: {', '.join(SUPPORTED_FORMATS)}")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if value.lower() not in SUPPORTED_ENCODINGS:
            raise ValueError(
                f"{value!r} is not read; use one of {', '.join(SUPPORTED_ENCODINGS)}, or write the "
                f"files anew on their way to landing: iconv -f {value} -t utf-8"
            )
        return SUPPORTED_ENCODINGS[value.lower()]

    @field_validator("delimiter")
    @classmethod
    def _one_delimiter(cls, value: str | None) -> str | None:
        if value is not None and (len(value) != 1 or value in '"\r\n'):
            raise ValueError('is one character, such as ",", ";" or "\\t"')
        return value

    @field_validator("quote")
    @classmethod
    def _one_quote(cls, value: str | None) -> str | None:
        if value is not None and len(value) > 1:
            raise ValueError("is one character, or empty where the file never quotes")
        return value

    @field_validator("null_values", mode="before")
    @classmethod
    def _quoted_words(cls, value: object) -> object:
        words = value if isinstance(value, list) else [value]
        if not all(isinstance(word, str) for word in words):
            # YAML takes NULL, ~, 0 and no for something else than words.
            raise ValueError('holds words in quotes, such as ["NULL", "0"]')
        return value

    @field_validator("range")
    @classmethod
    def _range_in_order(cls, value: str | None) -> str | None:
        (left, top), (right, bottom) = re.findall("([A-Z]+)([0-9]*)", value or "A1:A")
        if (len(left), left) > (len(right), right) or int(bottom or top) < int(top):
            raise ValueError("goes from the first cell to the last, such as B3:H200")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str | None) -> str | None:
        return None if value is None else _timezone(value)


class TableSource(Format):
    """Where one contract table comes from, and how."""

    location: Location
    load: Literal["append", "upsert", "snapshot"]
    columns: dict[str, Target] | None = None
    query: str | None = None
    identifiers: dict[str, Target] = Field(default_factory=dict)

    @field_validator("location")
    @classmethod
    def _known_place(cls, value: str | DatabaseLocation) -> str | DatabaseLocation:
        return check_files(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.columns is not None and self.query is not None:
            raise ValueError("has both `columns` and `query`; keep one")
        if self.identifiers and self.query is None:
            raise ValueError(
                "has `identifiers` without a `query`: `make forget` reads `columns` then; remove it"
            )
        return self

    @model_validator(mode="after")
    def _whole_snapshots(self) -> Self:
        if self.database and self.database.cursor and self.load == "snapshot":
            raise ValueError("reads only what changed (`cursor`); that is no snapshot: use upsert")
        return self

    @property
    def database(self) -> DatabaseLocation | None:
        """The database that it comes from, None where it comes from files."""
        return self.location if isinstance(self.location, DatabaseLocation) else None

    @property
    def files(self) -> str | None:
        """The path or glob of local files, None where it comes from elsewhere."""
        if isinstance(self.location, str) and not is_object_store(self.location):
            return self.location
        return None


class Source(_Strict):
    """One `source.yaml`; `source` is filled from the folder's name where it is left out."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = ""
    defaults: Format = Format()
    tables: dict[str, TableSource] = Field(min_length=1)


class _CompanyFile(_Strict):
    name: str = Field(min_length=1)
    reporting_currency: str
    business_timezone: str
    as_of: datetime | None = None
    vars: dict[str, VarValue] = Field(default_factory=dict)
    demo: bool = False

    @field_validator("reporting_currency", mode="before")
    @classmethod
    def _currency_code(cls, value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
            raise ValueError(
                f"{value!r} is no currency; write its ISO 4217 code, three capital letters such as "
                "EUR"
            )
        return value

    @field_validator("business_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        return _timezone(value)

    @field_validator("vars", mode="before")
    @classmethod
    def _named_values(cls, value: object) -> object:
        if value is None:
            # All of them may be comments.
            return {}
        if not isinstance(value, dict):
            raise ValueError("holds names with their values, such as `stale_after_days: 3`")
        for name, given in value.items():
            values = given.values() if isinstance(given, dict) else [given]
            if None in values:
                raise ValueError(f"{name} has no value; write one, or remove the line")
        return value

    @field_validator("as_of", mode="before")
    @classmethod
    def _no_number(cls, value: object) -> object:
        # A number would count as seconds since 1970.
        if not isinstance(value, str | date | None) or (
            isinstance(value, str) and not _is_instant(value)
        ):
            raise ValueError(f"is an instant such as 2026-01-31T23:59:59Z, not {value!r}")
        return value

    @field_validator("as_of")
    @classmethod
    def _naive_utc(cls, value: datetime | None) -> datetime | None:
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)


# What company.yaml says by a key of its own.
COMPANY_KEYS = tuple(_CompanyFile.model_fields)


@dataclass(frozen=True)
class TableFormat:
    """The format of one table's files with every default filled in."""

    format: str = "csv"
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    decimal_separator: str = "."
    thousands_separator: str = ""
    digit_groups: str = "threes"
    date_format: tuple[str, ...] = ()
    timestamp_format: tuple[str, ...] = ()
    timezone: str = "UTC"
    null_values: tuple[str, ...] = ("",)
    tolerance: float = 0.01
    max_compression_ratio: int = 200
    keep_text: bool = False
    may_be_empty: bool | None = None
    header_line: int = 1
    footer_lines: int = 0
    sheet: str = ""
    range: str = ""

    @property
    def has_numbers(self) -> bool:
        """Whether the format has numbers of its own, written with a point, beside texts."""
        return self.format in ("jsonl", "xlsx")


@dataclass(frozen=True)
class Company:
    """A checked company directory.

    `as_of` is the fixed clock (naive UTC) of a company whose data no longer grows. `vars` are dbt
    vars. `seeds_dir` holds CSVs that replace shipped seeds, None where the company has none.
    `demo` marks invented data, whose pseudonyms may use the public demo key.
    """

    name: str
    directory: Path
    reporting_currency: str
    business_timezone: str
    as_of: datetime | None
    vars: dict[str, VarValue]
    sources: tuple[Source, ...]
    seeds_dir: Path | None = None
    demo: bool = False
    source_files: dict[str, Path] = field(default_factory=dict)

    def delivers(self, source: str, table: str) -> bool:
        """Whether a source is configured to deliver a table."""
        return any(known.source == source and table in known.tables for known in self.sources)


def _is_instant(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


# What the folder of the timezones holds besides; no database knows them.
_NO_TIMEZONE = re.compile("(posix|right)/.*|posixrules|localtime")


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        is_known = False
    else:
        is_known = not _NO_TIMEZONE.fullmatch(value)
    if not is_known:
        names = available_timezones() - {"localtime"}
        raise ValueError(
            f"{value!r} is no IANA timezone"
            f"{did_you_mean(value, names, '; write it like Europe/Paris or UTC')}"
        )
    return value


def table_format(source: Source, table: TableSource) -> TableFormat:
    """The table's own format keys over the source's defaults over the project's.

    What a database gives is kept in the archive, and read from there, as Parquet; its values have
    their own notation, so that of the source's files does not count.
    """
    settings: dict[str, Any] = {}
    for name in Format.model_fields:
        is_own_notation = table.database is not None and name in _NOTATION
        for layer in (table,) if is_own_notation else (table, source.defaults):
            value = getattr(layer, name)
            if value is not None:
                settings[name] = tuple(value) if isinstance(value, list) else value
                break
    if table.database:
        settings["format"] = "parquet"
    return TableFormat(**settings)


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML as usual, but a key written twice is an error instead of a silent loss.

    So is a key that is no plain word: that is a text with braces which lacks its quotes.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            inner = value_node.value if isinstance(value_node, yaml.MappingNode) else []
            if not all(isinstance(one, yaml.ScalarNode) for one, _ in [(key_node, None), *inner]):
                raise yaml.YAMLError(
                    f"{key_node.value if inner else 'the text'} in line {line} holds braces or "
                    'brackets; write it in quotes, such as "{{ NAME }}"'
                )
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.YAMLError(f"key {key!r} is written a second time in line {line}")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> date:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"{node.value} in line {line} is no date") from error


# The loader finds what builds a value by the value's kind, not by the method's name.
_UniqueKeyLoader.add_constructor(
    "tag:yaml.org,2002:timestamp", _UniqueKeyLoader.construct_yaml_timestamp
)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        # A subclass of the safe loader: it builds plain values only.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except OSError as error:
        raise CompanyError(
            f"{path}: cannot be read ({error.strerror}); let the user read it that refreshes."
        ) from error
    # A value that is not of the kind that it is marked as, such as `!!int x`, is a ValueError.
    except (yaml.YAMLError, ValueError) as error:
        raise CompanyError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise CompanyError(f"{path}: holds no keys; docs/sources.md lists them.")
    return content


def _explain(path: Path, error: ValidationError, model: type[BaseModel]) -> CompanyError:
    """The first faults of a YAML file as one sentence each: file, key, fault, remedy."""
    sentences = []
    for fault in error.errors()[:5]:
        parts = [str(part) for part in fault["loc"]]
        key = ".".join(part for part in parts if part[0] != "[") or "the file"
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            name = str(fault["loc"][-1])
            message = _unknown_key(name, model)
        elif fault["type"] == "missing":
            message = "is missing"
        elif fault["type"] == "string_pattern_mismatch" and parts[-1] in _EXAMPLES:
            # The value is not shown: it may be the secret that the variable should hold.
            message = f"write it like {_EXAMPLES[parts[-1]]}"
        sentences.append(f"{path}: {key}: {message}{'' if message.endswith('?') else '.'}")
    return CompanyError("\n".join(sentences) + " See docs/sources.md.")


def _unknown_key(name: str, model: type[BaseModel]) -> str:
    """What is wrong with a key that nothing reads where it stands."""
    known = _field_names(model)
    if name not in known:
        return f"is not a known key{did_you_mean(name, known, '')}"
    if name in Format.model_fields:
        place = "under `defaults` or a table"
    elif name in TableSource.model_fields:
        place = "under each table"
    elif name in DatabaseLocation.model_fields:
        place = "under `location`"
    else:
        place = "at the beginning of the file"
    return f"is not read there; write it {place}"


# Of keys whose form a regular expression says, which tells a user less.
_EXAMPLES = {
    "range": "B3:H200, or B3:H down to the last row",
    "source": "our_shop",
    "connection_env": "WAREHOUSE_CRM_DSN, the name of an environment variable",
}


def _field_names(model: type[BaseModel]) -> list[str]:
    if model is _CompanyFile:
        return list(_CompanyFile.model_fields)
    return [*Source.model_fields, *TableSource.model_fields, *DatabaseLocation.model_fields]


def _load_source(path: Path, default_name: str) -> Source:
    content = _read_yaml(path)
    content.setdefault("source", default_name)
    try:
        source = Source.model_validate(content)
        for name, table in source.tables.items():
            settings = table_format(source, table)
            _check_separators(path, name, settings)
            _check_frame(path, name, table, settings)
    except ValidationError as error:
        raise _explain(path, error, Source) from error
    return source


def _check_separators(path: Path, table: str, settings: TableFormat) -> None:
    if settings.thousands_separator == settings.decimal_separator:
        raise CompanyError(
            f"{path}: tables.{table}: decimal_separator and thousands_separator are both "
            f"{settings.decimal_separator!r}; declare both for this table."
        )
    if settings.digit_groups != "threes" and not settings.thousands_separator:
        raise CompanyError(
            f"{path}: tables.{table}: digit_groups says how groups are formed that "
            'thousands_separator separates; declare both, such as thousands_separator: ",".'
        )
    if settings.quote and settings.quote == settings.delimiter:
        raise CompanyError(f"{path}: tables.{table}: delimiter and quote are the same character.")
    if settings.has_numbers and settings.thousands_separator == ".":
        raise CompanyError(
            f"{path}: tables.{table}: in {settings.format}, the number 1.234 and the text 1.234 "
            'could not be told apart; set thousands_separator: "" for this table.'
        )
    if settings.format == "jsonl" and settings.encoding != "utf-8":
        raise CompanyError(f"{path}: tables.{table}: JSON is always utf-8; remove encoding.")


def _check_frame(path: Path, name: str, table: TableSource, settings: TableFormat) -> None:
    own = [key for key in ("header_line", "footer_lines") if getattr(table, key) is not None]
    if own and settings.format != "csv":
        raise CompanyError(
            f"{path}: tables.{name}: {own[0]} is of CSV files; of a workbook, `range` says where "
            "the table stands."
        )


def load_company(directory: Path) -> Company:
    """Reads and checks a company directory; raises `CompanyError` for anything unusable."""
    if not directory.is_dir():
        raise CompanyError(
            f"WAREHOUSE_SOURCES: {directory} is not a directory; name the one with company.yaml, "
            "and let it be there, as where a network drive is mounted."
        )
    company_path = directory / "company.yaml"
    if not company_path.is_file():
        raise CompanyError(
            f"{company_path}: not found. A company directory holds company.yaml and one folder "
            "with a source.yaml per source; see docs/sources.md."
        )
    try:
        settings = _CompanyFile.model_validate(_read_yaml(company_path))
    except ValidationError as error:
        raise _explain(company_path, error, _CompanyFile) from error
    # Another spelling would be a source that nobody misses until its figures are asked for.
    for path in sorted(directory.glob("*/*")):
        if path.name != "source.yaml" and path.name.lower() in ("source.yml", "source.yaml"):
            raise CompanyError(f"{path}: is not read; name it source.yaml.")
    paths = [directory / "source.yaml", *sorted(directory.glob("*/source.yaml"))]
    found = [(path, _load_source(path, path.parent.name)) for path in paths if path.is_file()]
    if not found:
        raise CompanyError(f"{directory}: no <source>/source.yaml in it; see docs/sources.md.")
    source_files: dict[str, Path] = {}
    for path, source in found:
        if source.source in source_files:
            raise CompanyError(
                f"{path}: source {source.source!r} is already defined by "
                f"{source_files[source.source]}; give one of them another name."
            )
        source_files[source.source] = path
    seeds_dir = directory / "seeds"
    return Company(
        name=settings.name,
        directory=directory,
        reporting_currency=settings.reporting_currency,
        business_timezone=settings.business_timezone,
        as_of=settings.as_of,
        vars=settings.vars,
        sources=tuple(source for _, source in found),
        seeds_dir=seeds_dir if seeds_dir.is_dir() else None,
        demo=settings.demo,
        source_files=source_files,
    )


def check_company(company: Company, contract: Contract) -> None:
    """Refuses tables and columns that the contract does not have, with the nearest name."""
    for source in company.sources:
        path = company.source_files.get(source.source, company.directory)
        for name, table_source in source.tables.items():
            if name not in contract.tables:
                raise CompanyError(
                    f"{path}: tables.{name}: not a table of the contract"
                    f"{did_you_mean(name, contract.tables)}"
                )
            known = contract.tables[name].column_names
            for key in ("columns", "identifiers"):
                for column in getattr(table_source, key) or {}:
                    if column not in known:
                        raise CompanyError(
                            f"{path}: tables.{name}.{key}.{column}: not a column of {name}"
                            f"{did_you_mean(column, known)}"
                        )


def merge_seeds(
    shipped: Path, company_seeds: Path | None, override: Path | None, target_dir: Path
) -> None:
    """Builds `target_dir`: the shipped seeds with CSVs of the company, then of `override`, put in.

    A CSV replaces the shipped one of the same relative path or, failing that, of the same file
    name. Raises `CompanyError` for a CSV that replaces nothing, or the same as another one of its
    layer.
    """
    merged = {
        path.relative_to(shipped): path.read_bytes()
        for path in shipped.rglob("*")
        if path.is_file()
    }
    by_path = {path for path in merged if path.suffix == ".csv"}
    by_name = {path.name: path for path in by_path}
    for layer in (company_seeds, override):
        if layer is None:
            continue
        taken: dict[Path, Path] = {}
        for replacement in sorted(layer.rglob("*")):
            if replacement.suffix.lower() != ".csv":
                continue
            if replacement.suffix != ".csv":
                raise CompanyError(f"{replacement}: name it `.csv`, in small letters.")
            relative = replacement.relative_to(layer)
            slot = relative if relative in by_path else by_name.get(relative.name)
            if slot is None:
                raise CompanyError(
                    f"{replacement}: no shipped seed has this name"
                    f"{did_you_mean(relative.name, by_name, '')}; rename or remove it. "
                    f"Seeds: {', '.join(sorted(re.sub('[.]csv$', '', name) for name in by_name))}."
                )
            if slot in taken:
                raise CompanyError(
                    f"{replacement}: {taken[slot]} is the same seed; keep one of the two."
                )
            taken[slot] = replacement
            merged[slot] = _plain(replacement)
    _write_changed(merged, target_dir)
    points.reached("seeds merged")


def _plain(seed: Path) -> bytes:
    """A CSV without byte order mark, its line ends all alike: not every reader takes others.

    What is not UTF-8 stays as it is; the check of the seeds says so.
    """
    try:
        return seed.read_text(encoding="utf-8-sig").encode()
    except UnicodeDecodeError:
        return seed.read_bytes()


def _write_changed(files: Mapping[Path, bytes], directory: Path) -> None:
    """Makes `directory` hold these files alone, each exchanged at once and only if it changes.

    Another refresh that begins in the same moment may read them already.
    """
    for path in directory.rglob("*"):
        if path.is_file() and path.relative_to(directory) not in files:
            path.unlink(missing_ok=True)
    temporary = directory.with_name(f"{directory.name}.{os.getpid()}")
    for name, content in files.items():
        path = directory / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        # The bytes alone: who may read them is not for the checkout to say.
        temporary.write_bytes(content)
        temporary.replace(path)
