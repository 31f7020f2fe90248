"""What an audit said, as a page for people: written on demand from the verdict, never in a refresh.

Great Expectations' own site loads its scripts from other servers when it is opened, and shows
values. This page is one file that loads nothing and holds what the verdict holds: sentences, owners
and counts.
"""

import html
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestration.lib.publishing.check_results import told_status
from orchestration.lib.publishing.releases import ReleaseError
from orchestration.settings import Settings

STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .2em .6em;
vertical-align: top; border-bottom: 1px solid #ddd } h2 { margin-top: 2em }
.failed, .broken { color: #b00020 } .warned { color: #8a5a00 } .passed { color: #1b6e2f }
"""


def build(settings: Settings, release: str) -> int:
    """Writes the page of a release, or of the newest that was audited, and says where it is."""
    verdict = _verdict(settings.releases, release)
    page = settings.home / "data_docs" / f"{verdict.parent.name}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(verdict.parent.name, json.loads(verdict.read_text())))
    print(page)
    return 0


def _verdict(releases: Path, release: str) -> Path:
    """A blocked candidate has one too: its page is the one that is needed most."""
    found = {path.parent.name: path for path in sorted(releases.glob("*/verdict.json"))}
    if not found:
        raise ReleaseError(f"Nothing was audited in {releases}: run a refresh first.")
    name = release or max(found)
    if name not in found:
        raise ReleaseError(f"There is no audited release {name!r}; there are: {', '.join(found)}.")
    return found[name]


def render(release: str, verdict: Mapping[str, Any]) -> str:
    """The page of one verdict, as HTML without scripts or links."""
    suites = verdict["report"]["suites"]
    missed = [
        (suite["name"], result)
        for suite in suites
        for result in suite["results"]
        if result["status"] != "passed"
    ]
    passed = sum(result["status"] == "passed" for suite in suites for result in suite["results"])
    verb = "passed" if verdict["verdict"] == "PASS" else "was blocked by"
    head = (
        f"<p>{_text(release)} {verb} its audit of {_text(verdict['judged_at'])}: {passed} checks "
        f"passed, {len(missed)} did not.</p>"
    )
    sections = [head, "<h2>What did not pass</h2>", _table(missed) if missed else "<p>Nothing.</p>"]
    for suite in suites:
        rows = [(suite["name"], result) for result in suite["results"]]
        sections += [f"<h2>{_text(suite['name'])}</h2>", _table(rows)]
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{_text(release)}</title>"
        f"<style>{STYLE}</style><h1>What the audit said of {_text(release)}</h1>"
        f"{''.join(sections)}</html>\n"
    )


def _table(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    heading = "".join(
        f"<th>{title}</th>" for title in ("result", "what it would mean", "rows", "owner", "check")
    )
    return f"<table><tr>{heading}</tr>{''.join(_row(*row) for row in rows)}</table>"


def _row(suite: str, result: Mapping[str, Any]) -> str:
    status = told_status(result)
    accepted = result.get("accepted")
    said = " ".join(
        part
        for part in (
            result["sentence"],
            result["problem"],
            f"Accepted: {accepted}" if accepted else "",
        )
        if part
    )
    count = result["unexpected_count"]
    cells = (said, "" if count is None else f"{count:,}", result["owner"])
    return (
        f"<tr><td class='{status}'>{status}</td>"
        + "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        + f"<td>{_text(suite)}: {_text(result['name'])}</td></tr>"
    )


def _text(value: str) -> str:
    return html.escape(str(value))
