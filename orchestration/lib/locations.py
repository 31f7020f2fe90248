"""Where a table's rows come from, as `location:` of a source.yaml says it.

A location is a path or glob of files, an `s3://` URL with a glob, or a table or query of a
database. None of them holds a secret: connections and keys come from environment variables.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

_LOOK_BACK = re.compile(r"([0-9]{1,6}) (minute|hour|day|week)s?")
_OBJECTS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^/].*")


class DatabaseLocation(BaseModel):
    """A table or query of a database.

    `connection_env` names the environment variable that holds the connection: a PostgreSQL URI or
    keyword string, or the path of an SQLite file. `cursor` is the column by whose growth changed
    rows are found, `look_back` how far before the highest value seen they are read again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: Literal["postgres", "sqlite"]
    connection_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    path: str | None = Field(default=None, min_length=1)
    table: str | None = Field(default=None, min_length=1)
    query: str | None = Field(default=None, min_length=1)
    cursor: str | None = Field(default=None, min_length=1)
    look_back: str | int | None = None

    @field_validator("look_back")
    @classmethod
    def _known_span(cls, value: str | int | None) -> str | int | None:
        if isinstance(value, str) and not _LOOK_BACK.fullmatch(value):
            raise ValueError('is a span such as "2 days", or a number for a cursor of numbers')
        return value

    @field_validator("path")
    @classmethod
    def _inside(cls, value: str | None) -> str | None:
        if value is not None and ".." in Path(value).parts:
            raise ValueError("write a path without '..'")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("needs either `table` or `query`")
        if self.database == "postgres" and (self.path or not self.connection_env):
            raise ValueError(
                "needs `connection_env`, the name of the environment variable that holds the "
                "connection string (never the string itself)"
            )
        if self.database == "sqlite" and (self.path is None) == (self.connection_env is None):
            raise ValueError("needs either `path` or `connection_env`")
        if self.look_back is not None and self.cursor is None:
            raise ValueError("has `look_back` without `cursor`")
        return self

    @property
    def label(self) -> str:
        """The name under which ledger and messages know it, such as `postgres:public.leads`."""
        return f"{self.database}:{self.table or 'query'}"

    @property
    def span(self) -> timedelta | int:
        """How far before the highest value of the cursor rows are read again."""
        if self.look_back is None:
            return 0
        if isinstance(self.look_back, int):
            return self.look_back
        found = _LOOK_BACK.fullmatch(self.look_back)
        # The validator has matched it already.
        assert found is not None  # noqa: S101
        return timedelta(**{f"{found[2]}s": int(found[1])})


def is_object_store(location: object) -> bool:
    """Whether a location is an `s3://` URL."""
    return isinstance(location, str) and location.startswith("s3://")


def _kind(value: object) -> str:
    return "[database]" if isinstance(value, (dict, DatabaseLocation)) else "[files]"


# The tags show up in error locations, from which `company` takes them out again.
Location = Annotated[
    Annotated[str, StringConstraints(min_length=1), Tag("[files]")]
    | Annotated[DatabaseLocation, Tag("[database]")],
    Discriminator(_kind),
]


def check_files(value: str) -> str:
    """A path, glob or `s3://` URL as it is; raises `ValueError` for anything else."""
    if is_object_store(value):
        if not _OBJECTS.fullmatch(value):
            raise ValueError("is no address of objects; write it like s3://bucket/folder/*.csv")
        return value
    if "://" in value:
        raise ValueError(
            "is not read; write a path or glob below landing, an absolute one, or s3://bucket/..."
        )
    if ".." in Path(value).parts or value in (".", "/"):
        raise ValueError("names no file; write a path without '..'")
    if any("**" in part and part != "**" for part in Path(value).parts):
        raise ValueError("has ** beside other characters; write it like exports/**/*.csv")
    return value
