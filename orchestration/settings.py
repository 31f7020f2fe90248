"""The one place that reads the environment: where things are and how a refresh may behave.

Every setting is an environment variable with a working default; `docs/settings.md` lists them.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.lib.mendable import MendableError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
SHIPPED_SEEDS_DIR = PROJECT_ROOT / "seeds"
DEMO_COMPANY_DIR = PROJECT_ROOT / "orchestration" / "defs" / "ingestion" / "demo_company"

NO_TELEMETRY = {
    "DAGSTER_DISABLE_TELEMETRY": "true",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}

# Every variable that is read below or by dbt_project, and the one of `make reliability`.
VARIABLES = frozenset(
    f"WAREHOUSE_{name}"
    for name in (
        "ACCEPT", "ACCEPT_REASON", "ALERTS", "ALERT_FROM", "ALERT_SMTP", "ALERT_SMTP_PASSWORD",
        "ALERT_SMTP_USER", "ALERT_TO", "ALERT_WEBHOOK", "AS_OF", "DATABASE", "ENGINE", "FIGURES",
        "HASH_KEY", "HOME", "KEEP_DAYS", "KEEP_RELEASES", "MEMORY_LIMIT", "MERGED_SEEDS",
        "POSTGRES", "POSTGRES_READER", "REFRESH_AT", "SEEDS", "SETTLE_SECONDS", "SOURCES",
        "SPARK_CONF", "SPARK_DIRECTORY", "SPARK_HOST", "SPARK_MASTER", "SPARK_METHOD",
        "SPARK_PARTITIONS", "SPARK_PORT", "SPARK_USER", "THREADS", "TIME_LIMIT_HOURS",
    )
)  # fmt: skip

ENGINES = ("duckdb", "spark")
# As DuckDB reads it; none of it is a limit that nothing fits in.
_SIZE = re.compile(r"(?=.*[1-9])[0-9]+([.][0-9]+)? ?[KMGT](i?B)?", re.IGNORECASE)


class SettingError(MendableError, ValueError):
    """A setting that cannot be used; the message names the variable, its value and the remedy."""


@dataclass(frozen=True)
class Settings:
    """Everything a refresh needs to know about its surroundings.

    `home` holds all that a user owns (landing, archive, warehouse, releases, logs); `sources_dir`
    is one company's source folders; `seeds_dir` replaces shipped seeds of the same name;
    `as_of` (UTC, naive) overrides the company's clock; `hash_key` keys the pseudonyms of
    personal identifiers and is empty when unset. A landing file that changed within the last
    `settle_seconds` may still be being written. The last `keep_releases` releases stay, and those
    of the last `keep_days`. `refresh_at` is the hour and minute of the schedule, on the company's
    clock. `accepted` are audits that may find the data other than before, and the reason for each.
    A refresh that takes longer than `time_limit_hours` is stopped.
    """

    home: Path
    sources_dir: Path
    seeds_dir: Path | None
    as_of: datetime | None
    engine: str
    hash_key: str
    memory_limit: str
    threads: int
    settle_seconds: float = 0.0
    keep_releases: int = 7
    keep_days: int = 0
    refresh_at: tuple[int, int] = (5, 0)
    accepted: Mapping[str, str] = field(default_factory=dict)
    time_limit_hours: int = 6

    @property
    def landing(self) -> Path:
        """Where source files are read from; never written by a refresh."""
        return self.home / "landing"

    @property
    def archive(self) -> Path:
        """The original bytes of every loaded file, by content hash."""
        return self.home / "archive"

    @property
    def quarantine(self) -> Path:
        """Refused files, by content hash."""
        return self.home / "quarantine"

    @property
    def database(self) -> Path:
        """Raw tables, ledger and every dbt model; can be rebuilt from the archive."""
        return self.home / "warehouse.duckdb"

    @property
    def releases(self) -> Path:
        """One directory per release."""
        return self.home / "releases"

    @property
    def current(self) -> Path:
        """The symlink to the published release."""
        return self.home / "current"

    @property
    def logs(self) -> Path:
        """Log files; the console gets progress and a summary only."""
        return self.home / "logs"

    @property
    def build(self) -> Path:
        """What one refresh derives and the next may overwrite: dbt's target, merged seeds."""
        return self.home / "build"

    @property
    def spill(self) -> Path:
        """What DuckDB cannot hold in memory, where its database is no file of its own."""
        return self.build / "spill"

    @property
    def limits(self) -> dict[str, str]:
        """How much of the machine a DuckDB may use, as its settings."""
        return {"memory_limit": self.memory_limit, "threads": str(self.threads)}

    @property
    def dagster_home(self) -> Path:
        """Dagster's run and event storage."""
        return self.home / "dagster"


def variable(name: str) -> str:
    """A variable's value without blanks around it, empty where it is not set."""
    return os.environ.get(name, "").strip()


def _path(name: str) -> Path | None:
    value = variable(name)
    return Path(value).expanduser().resolve() if value else None


def _whole_number(name: str, default: int, *, least: int, most: int = 100_000) -> int:
    # As days, the most is centuries; a few more of these would lie before the first year.
    value = variable(name) or str(default)
    if not value.isdecimal() or int(value) < least:
        raise SettingError(f"{name}={value!r} is not a whole number of at least {least}.")
    if int(value) > most:
        raise SettingError(f"{name}={value!r} is too much; write {most} at most.")
    return int(value)


def _size(name: str, default: str) -> str:
    value = variable(name) or default
    if not _SIZE.fullmatch(value):
        raise SettingError(f"{name}={value!r} is no size of memory; write it like 2GB or 800MB.")
    return value


def _seconds(name: str, default: float) -> float:
    value = variable(name) or str(default)
    if not value.replace(".", "", 1).isdecimal():
        raise SettingError(f"{name}={value!r} is not a number of seconds.")
    return float(value)


def _time_of_day(name: str, default: str) -> tuple[int, int]:
    value = variable(name) or default
    try:
        found = datetime.strptime(value, "%H:%M")
    except ValueError as error:
        raise SettingError(f"{name}={value!r} is no time of day; write it like 05:00.") from error
    return found.hour, found.minute


def parse_instant(value: str, name: str) -> datetime:
    """An ISO 8601 instant as naive UTC; without an offset it is taken as UTC."""
    try:
        instant = datetime.fromisoformat(value)
        return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise SettingError(
            f"{name}={value!r} is not an ISO 8601 instant; write it like 2026-07-01T00:00:00Z."
        ) from error


def load() -> Settings:
    """The settings of this process, read now; raises `SettingError` for a value it cannot use."""
    sources_dir = _path("WAREHOUSE_SOURCES") or DEMO_COMPANY_DIR
    seeds_dir = _path("WAREHOUSE_SEEDS")
    if seeds_dir is not None and not seeds_dir.is_dir():
        raise SettingError(f"WAREHOUSE_SEEDS: {seeds_dir} is not a directory.")
    home = _path("WAREHOUSE_HOME") or PROJECT_ROOT / ".warehouse"
    if "'" in str(home):
        raise SettingError(f"WAREHOUSE_HOME: {home} holds an apostrophe, which dbt cannot read.")
    if encoded := re.search("%[0-9A-Fa-f]{2}", str(home)):
        # Its own database would be sought where the decoded name leads.
        raise SettingError(
            f"WAREHOUSE_HOME: {home} holds {encoded[0]!r}, which Dagster takes for an encoded "
            "letter; choose another directory."
        )
    engine = variable("WAREHOUSE_ENGINE") or "duckdb"
    if engine not in ENGINES:
        raise SettingError(f"WAREHOUSE_ENGINE={engine!r} is not one of {', '.join(ENGINES)}.")
    as_of = variable("WAREHOUSE_AS_OF")
    return Settings(
        home=home,
        sources_dir=sources_dir,
        seeds_dir=seeds_dir,
        as_of=parse_instant(as_of, "WAREHOUSE_AS_OF") if as_of else None,
        engine=engine,
        hash_key=os.environ.get("WAREHOUSE_HASH_KEY", ""),
        memory_limit=_size("WAREHOUSE_MEMORY_LIMIT", "2GB"),
        threads=_whole_number("WAREHOUSE_THREADS", min(os.cpu_count() or 1, 8), least=1),
        settle_seconds=_seconds("WAREHOUSE_SETTLE_SECONDS", 2.0),
        keep_releases=_whole_number("WAREHOUSE_KEEP_RELEASES", 7, least=1),
        keep_days=_whole_number("WAREHOUSE_KEEP_DAYS", 0, least=0),
        refresh_at=_time_of_day("WAREHOUSE_REFRESH_AT", "05:00"),
        accepted=_accepted(),
        time_limit_hours=_whole_number("WAREHOUSE_TIME_LIMIT_HOURS", 6, least=1),
    )


def _accepted() -> dict[str, str]:
    reason = variable("WAREHOUSE_ACCEPT_REASON")
    suites = _words("WAREHOUSE_ACCEPT")
    if suites and not reason:
        raise SettingError(
            'WAREHOUSE_ACCEPT (ACCEPT=...) needs WAREHOUSE_ACCEPT_REASON (REASON="..."): say who '
            "accepts it, and why."
        )
    return dict.fromkeys(suites, reason)


def turn_telemetry_off() -> None:
    """Tells every dependency that reports home not to, whoever started this process."""
    os.environ.update(NO_TELEMETRY)


@dataclass(frozen=True)
class SparkSettings:
    """How Spark is reached; `docs/spark.md` explains each.

    `method` is `session` (this process is the driver, on `master`) or `thrift` (a server at
    `host`, `port`, `user`); `directory` holds all files that Spark reads and writes and must be
    the same path for this process and the cluster; `session_settings` are Spark's own.
    """

    method: str
    master: str
    host: str
    port: int
    user: str
    directory: Path | None
    partitions: int
    session_settings: Mapping[str, str]
    java_home: Path | None


SPARK_METHODS = ("session", "thrift")
LAST_PORT = 65535


def load_spark() -> SparkSettings:
    """Spark's settings, read now; raises `SettingError` for a value it cannot use."""
    method = variable("WAREHOUSE_SPARK_METHOD") or "session"
    if method not in SPARK_METHODS:
        raise SettingError(
            f"WAREHOUSE_SPARK_METHOD={method!r} is not one of {', '.join(SPARK_METHODS)}."
        )
    return SparkSettings(
        method=method,
        master=variable("WAREHOUSE_SPARK_MASTER") or "local[*]",
        host=variable("WAREHOUSE_SPARK_HOST") or "localhost",
        port=_whole_number("WAREHOUSE_SPARK_PORT", 10000, least=1, most=LAST_PORT),
        user=variable("WAREHOUSE_SPARK_USER"),
        directory=_path("WAREHOUSE_SPARK_DIRECTORY"),
        partitions=_whole_number("WAREHOUSE_SPARK_PARTITIONS", 2, least=1),
        session_settings=_spark_conf(_path("WAREHOUSE_SPARK_CONF")),
        java_home=_path("JAVA_HOME"),
    )


def _spark_conf(file: Path | None) -> dict[str, str]:
    """A file of Spark settings, one `name value` a line, `#` opening a comment line."""
    if file is None:
        return {}
    if not file.is_file():
        raise SettingError(f"WAREHOUSE_SPARK_CONF: {file} is not a file.")
    lines = [line.strip() for line in file.read_text().splitlines()]
    pairs = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
    for pair in pairs:
        if len(pair) != 2:
            raise SettingError(f"WAREHOUSE_SPARK_CONF: {file}: {pair[0]!r} has no value.")
    return {pair[0]: pair[1] for pair in pairs}


@dataclass(frozen=True)
class PostgresSettings:
    """A database that shows each release too, for tools that want a server.

    `connection` is a secret; `reader` is the role that may read there and do nothing else.
    """

    connection: str
    reader: str


def load_postgres() -> PostgresSettings | None:
    """The settings of publishing to PostgreSQL, read now; None where nobody asked for it."""
    connection = variable("WAREHOUSE_POSTGRES")
    reader = variable("WAREHOUSE_POSTGRES_READER") or "kpi_reader"
    return PostgresSettings(connection, reader) if connection else None


ALERT_WAYS = ("file", "webhook", "email")


@dataclass(frozen=True)
class AlertSettings:
    """How people are told of a refresh that failed, or of a source that went stale.

    `ways` are those of `ALERT_WAYS` to use, each with what it needs: a file of JSON lines, the
    address of a Slack-compatible webhook (a secret), or a mail server and addresses. A mail server
    is given a user and password only over TLS.
    """

    ways: tuple[str, ...]
    file: Path
    webhook: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    sender: str
    recipients: tuple[str, ...]


def load_alerts() -> AlertSettings:
    """The settings of alerts, read now; raises `SettingError` for a way that lacks something."""
    ways = _words("WAREHOUSE_ALERTS") or ("file",)
    for way in ways:
        if way not in ALERT_WAYS:
            raise SettingError(f"WAREHOUSE_ALERTS={way!r} is not one of {', '.join(ALERT_WAYS)}.")
    webhook = variable("WAREHOUSE_ALERT_WEBHOOK")
    if "webhook" in ways and not _is_web_address(webhook):
        # The value is a secret.
        raise SettingError("WAREHOUSE_ALERT_WEBHOOK is not an http or https address.")
    host, _, port = variable("WAREHOUSE_ALERT_SMTP").partition(":")
    port = port or "25"
    sender = variable("WAREHOUSE_ALERT_FROM")
    recipients = _words("WAREHOUSE_ALERT_TO")
    if "email" in ways:
        if not (host and sender and recipients and port.isdecimal() and int(port) <= LAST_PORT):
            raise SettingError(
                "WAREHOUSE_ALERTS=email needs WAREHOUSE_ALERT_SMTP (host:port), "
                "WAREHOUSE_ALERT_FROM and WAREHOUSE_ALERT_TO."
            )
        if not all(address.isprintable() for address in (host, sender, *recipients)):
            raise SettingError(
                "WAREHOUSE_ALERT_SMTP, WAREHOUSE_ALERT_FROM and WAREHOUSE_ALERT_TO must each be "
                "one line of plain text."
            )
    return AlertSettings(
        ways=ways,
        file=load().logs / "alerts.jsonl",
        webhook=webhook,
        smtp_host=host,
        smtp_port=int(port) if "email" in ways else 0,
        smtp_user=variable("WAREHOUSE_ALERT_SMTP_USER"),
        smtp_password=os.environ.get("WAREHOUSE_ALERT_SMTP_PASSWORD", ""),
        sender=sender,
        recipients=recipients,
    )


def _is_web_address(value: str) -> bool:
    """Whether a request can be sent there: a scheme, a host, a port, and nothing odd in between."""
    if not value.isascii() or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _words(name: str) -> tuple[str, ...]:
    return tuple(word for part in os.environ.get(name, "").split(",") if (word := part.strip()))


def unread_variables() -> list[str]:
    """The names of variables that are set as if they were settings, and are none; sorted."""
    return sorted(
        name for name in os.environ if name.startswith("WAREHOUSE_") and name not in VARIABLES
    )


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Sets variables for the tools that read only the environment, and restores them after."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
