"""Tells people what they must know of a refresh, by whatever way the settings choose.

An alert is a title and a sentence or two; it never carries a figure, nor anything of a person. A
way that does not work must not stop a refresh, nor keep the other ways from being used: what failed
is returned.
"""

import hashlib
import html
import http.client
import json
import smtplib
import ssl
import urllib.request
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from orchestration.lib import points
from orchestration.lib.publishing.reader import open_read_only
from orchestration.lib.sentences import printable, under
from orchestration.lib.surroundings import without_addresses
from orchestration.settings import AlertSettings

TIMEOUT_SECONDS = 10
# What a server that is away, an odd answer, an odd address and an odd header raise: a release is
# published, and whichever it is, it is told. An error of ours is none of them.
UNSENT = (OSError, ValueError, http.client.HTTPException, smtplib.SMTPException)
MOST_TOLD = 10
MOST_WAITING = 20
NO_DEFINITIONS = "(select null as kpi_id, null as numerator, null as denominator)"


@dataclass(frozen=True)
class Alert:
    """`kind` is `failed`, `blocked`, `stale`, `repaired` or `kpi`: see the runbook.

    `of` is the UTC instant of what happened once, such as a failure; what holds until it is over
    has none.
    """

    kind: str
    title: str
    text: str
    of: str = ""

    @property
    def id(self) -> str:
        """The same whenever the same is told again, so that a receiver knows it."""
        said = "\n".join((self.kind, self.of, self.text))
        return hashlib.sha256(said.encode()).hexdigest()[:32]


def failed(reason: str, current: str | None, *, blocked: bool, published: bool = False) -> Alert:
    """A refresh that failed: `blocked` by the audit, or after its release was `published`."""
    if blocked:
        kind, title = "blocked", "The audit blocked a release"
    else:
        kind, title = "failed", "A refresh failed"
    if published:
        return Alert(kind, title, under(f"Release {current} is published, but:", reason))
    end = "\n" if "\n" in reason else " "
    shown = f"Readers still see {current or 'no release yet'}."
    return Alert(kind, title, under("Nothing was published:", reason) + end + shown)


def repaired(notes: Sequence[str]) -> Alert:
    """The work database was damaged, gone or old, and has been built again."""
    return Alert("repaired", "The work database was built again", " ".join(notes))


def newly_stale(
    known: Mapping[str, str | None], now: Mapping[str, Mapping[str, str | None]]
) -> list[Alert]:
    """One alert for the raw tables that became stale since people were told, none where none did.

    `known` is each table's `freshness_told` then. One that is stale by a source of several becomes
    so again with the next of them.
    """
    rows = "; ".join(
        f"{table}: {_silence(state)}last row at {state['last_row_at']}"
        for table, state in sorted(now.items())
        if _is_new(known.get(table), state)
    )
    return [Alert("stale", "A source delivers nothing new", f"{rows}.")] if rows else []


def freshness_told(state: Mapping[str, str | None]) -> str | None:
    """A table's freshness, with the sources that are silent where they are known by name."""
    named = state.get("silent_source") if state["freshness"] == "stale" else None
    return f"stale: {named}" if named else state["freshness"]


def _is_new(known: str | None, state: Mapping[str, str | None]) -> bool:
    """Whether people do not know yet that a table is stale, or by which of its sources."""
    if known is None or known == "stale" or state["freshness"] != "stale":
        return False
    if named := state.get("silent_source"):
        return not set(named.split(", ")) <= set(known.removeprefix("stale: ").split(", "))
    return not known.startswith("stale")


def _silence(state: Mapping[str, str | None]) -> str:
    """Which source it is, where the table is stale by one of several: others may go on."""
    # A release of an earlier version does not say.
    source = state.get("silent_source")
    if not source:
        return ""
    return f"nothing new from source{'s' * (', ' in source)} {printable(source)}, "


def newly_raised(known: Collection[str], raised: Sequence[Mapping[str, Any]]) -> list[Alert]:
    """One alert for the open ones of `kpi_alerts` whose ids people do not know.

    The figures stay in the release.
    """
    rows = [row for row in raised if row["is_open"] and row["alert_id"] not in known]
    if not rows:
        return []
    told = [
        f"{row['severity']}: {_what(row)}, {row['dimension']} {_segment(row)},"
        f" {row['kind']} since {row['first_seen']} ({row['cause_class']}: {row['cause']})"
        for row in rows[:MOST_TOLD]
    ]
    if len(rows) > MOST_TOLD:
        told.append(f"and {len(rows) - MOST_TOLD} more")
    return [Alert("kpi", "A KPI needs a look", "; ".join(told) + ". See kpi.kpi_alerts.")]


def _what(row: Mapping[str, Any]) -> str:
    """The KPI, and of a ratio which of its parts it is, if it is one: orders are no refund rate."""
    part = row.get("part")
    return f"{row['name_en']} (its {part.replace('_', ' ')})" if part else str(row["name_en"])


def _segment(row: Mapping[str, Any]) -> str:
    """Where it is. A rep is a person, and a campaign's name may hold anything, lines too."""
    if row["dimension"] == "rep":
        return "(one)"
    return printable(without_addresses(str(row["segment"])))


def kpi_alerts(database: Path) -> list[dict[str, Any]]:
    """The rows of a release's `kpi.kpi_alerts`, critical ones first; none where it has no such.

    `part` is the component that an alert about a part of a ratio is about, null for other alerts.

    A notice, that something moved to the better, is no reason to call anybody, and is left out;
    what began as one and grew worse is not.
    """
    with open_read_only(database) as connection:
        there = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'kpi'"
            ).fetchall()
        }
        if "kpi_alerts" not in there:
            return []
        parts = "kpi.kpi_definitions" if "kpi_definitions" in there else NO_DEFINITIONS
        found = connection.execute(
            "select alert_id, is_open, severity, alerts.name_en, dimension, segment, kind,"
            " first_seen, cause_class, cause, case measure when 'numerator' then numerator"
            " when 'denominator' then denominator end as part from kpi.kpi_alerts as alerts"
            f" left join {parts} as definitions using (kpi_id)"
            " where severity <> 'notice' order by severity, first_seen, alert_id"
        )
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def send(alerts: Iterable[Alert], settings: AlertSettings) -> list[str]:
    """Sends alerts of what happened once; returns a sentence per way and alert that failed.

    What no way takes waits in a file, and goes out before whatever is sent next.
    """
    problems = send_waiting(settings)
    for alert in alerts:
        happened = replace(alert, of=_now())
        is_taken, said = send_one(happened, settings)
        problems += said
        if not is_taken:
            _let_wait(happened, _waiting(settings))
    return problems


def send_waiting(settings: AlertSettings) -> list[str]:
    """Sends what no way took before; returns sentences as `send` does.

    The oldest first, and no more once one is not taken: each may wait for its time-out.
    """
    problems: list[str] = []
    for file in sorted(_waiting(settings).glob("*.json")):
        with suppress(OSError, ValueError, TypeError):
            alert = Alert(**json.loads(file.read_text()))
            is_taken, said = send_one(alert, settings)
            problems += said
            if not is_taken:
                break
        # Also one that cannot be read: nobody could tell it.
        with suppress(OSError):
            file.unlink()
    return problems


def _waiting(settings: AlertSettings) -> Path:
    return settings.file.with_name("untold")


def _let_wait(alert: Alert, waiting: Path) -> None:
    """Keeps an alert, and the latest before it; where the disk takes none, it was told above."""
    with suppress(OSError):
        waiting.mkdir(parents=True, exist_ok=True)
        name = f"{alert.of.replace(':', '')}_{alert.id}.json"
        (waiting / name).write_text(json.dumps(asdict(alert)))
        for file in sorted(waiting.glob("*.json"))[:-MOST_WAITING]:
            file.unlink()


def send_one(alert: Alert, settings: AlertSettings) -> tuple[bool, list[str]]:
    """Whether any way took an alert, and a sentence per way that did not, or not for everybody."""
    ways: dict[str, Callable[[Alert, AlertSettings], int]] = {
        "file": _to_file,
        "webhook": _to_webhook,
        "email": _to_email,
    }
    is_taken, problems = False, []
    for name in settings.ways:
        try:
            left_out = ways[name](alert, settings)
            is_taken = True
        except UNSENT as error:
            # Not the error's own text: it may hold the address, which is a secret.
            problems.append(
                f"the alert '{alert.title}' was not sent by {name} ({type(error).__name__})."
            )
            continue
        if left_out:
            problems.append(
                f"the alert '{alert.title}' was sent by {name}, but not to {left_out} of its "
                "recipients, whom the server refused."
            )
    return is_taken, problems


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _text(alert: Alert) -> str:
    """What happened once may be told late: it says when it was."""
    return f"{alert.text}\nAt {alert.of}." if alert.of else alert.text


def _to_file(alert: Alert, settings: AlertSettings) -> int:
    settings.file.parent.mkdir(parents=True, exist_ok=True)
    told = {"at": _now(), "id": alert.id, **asdict(alert)}
    with Path(settings.file).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(told) + "\n")
    points.reached("alert written")
    return 0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere has taken nothing.

    Python would ask there without the alert, and take a page that bids to log in for a success.
    """

    def redirect_request(self, *_: Any) -> None:
        """Leaves the answer an error."""


def _to_webhook(alert: Alert, settings: AlertSettings) -> int:
    """As Slack and what is compatible with it read it: one JSON object with `text`.

    A campaign may be called `<!channel>`, or like a link: none of it is markup.
    """
    text = html.escape(f"*{alert.title}*\n{_text(alert)}", quote=False)
    request = urllib.request.Request(  # noqa: S310 - settings allow http and https alone
        settings.webhook,
        data=json.dumps({"text": text}).encode(),
        headers={"Content-Type": "application/json", "Idempotency-Key": alert.id},
    )
    with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS):
        return 0


def _to_email(alert: Alert, settings: AlertSettings) -> int:
    """Gives how many of the recipients the server refused; where it is all of them, it raises."""
    message = EmailMessage()
    message["Subject"] = f"[kpi-warehouse] {alert.title}"
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.recipients)
    message["Message-ID"] = f"<{alert.id}@kpi-warehouse>"
    message.set_content(_text(alert))
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS) as server:
        if settings.smtp_user:
            server.starttls(context=ssl.create_default_context())
            server.login(settings.smtp_user, settings.smtp_password)
        return len(server.send_message(message))
