"""Houses that several modules look at; each is built once, with whatever it takes.

A refresh costs about the same on little data as on much, so that few of them serve many tests.
"""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from orchestration import event_log, settings
from orchestration.demo import write_demo
from orchestration.lib import build
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.refresh import open_refresh
from orchestration.settings import PROJECT_ROOT
from tests.integration.house import House, Outcome, copy_landing
from tests.integration.postgres import Server, running

SCALE = 0.03
# What must turn up nowhere: an invented person who registers, writes in and asks for an offer.
CANARY = "Zebedee Quillwhistle"
CANARY_EMAIL = "zebedee.quillwhistle@example.net"
CANARY_COMMENT = "my neighbour Zebedee told me"
BROKEN_FILE = "demo_shop_uk/orders_9999-Q1.csv.gz"

# Files that come after others that refer to them, or that they would override.
LATE = (
    "demo_shop_uk",
    "google_ads/report_2024-Q3.csv",
    "demo_crm/leads_2024-Q4.csv",
    "demo_shop_fr/commandes_2025-Q1.csv",
    "demo_web_fr/evenements_2025-Q3.csv.gz",
)
# A source of which no file ever comes.
MISSING_SOURCE = "linkedin_ads"


# Some tests run assets without the definitions that see to this.
event_log.make_cheap()


def write_gzip(path: Path, lines: list[str]) -> None:
    """A compressed CSV of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))


def _plant_canary(landing: Path) -> None:
    write_gzip(
        landing / "demo_shop_uk" / "customers_9999-Q1.csv.gz",
        [
            "customer_id,created_at,email,full_name,country,segment,user_id,anonymous_id,"
            "marketing_consent,updated_at,is_deleted",
            f"UK999999,2026-06-01T10:00:00Z,{CANARY_EMAIL},{CANARY},GB,consumer,"
            f"{CANARY_EMAIL},,true,2026-06-01T10:00:00Z,false",
        ],
    )
    write_gzip(
        landing / "demo_helpdesk" / "tickets_9999-Q1.csv.gz",
        [
            "Ticket ID,Created,Customer number,Requester,Via,Priority,Status,First reply,Solved,"
            "Reopened,Assignee,Topic,Updated",
            f"T-999999,2026-06-01T10:00:00Z,UK999999,{CANARY_EMAIL.upper()},email,normal,open,,,"
            "0,,delivery,2026-06-01T10:00:00Z",
        ],
    )
    header = (landing / "demo_surveys" / "responses_2026-Q2.csv").read_text().splitlines()[0]
    answer = dict.fromkeys(header.split(","), "") | {
        "response_id": "S-999999",
        "survey": "csat",
        "sent_at": "2026-06-02T10:00:00Z",
        "answered_at": "2026-06-02T11:00:00Z",
        "email": CANARY_EMAIL,
        "score": "5",
        "scale_min": "1",
        "scale_max": "5",
        "comment": CANARY_COMMENT,
    }
    (landing / "demo_surveys" / "responses_9999-Q1.csv").write_text(
        f"{header}\n{','.join(answer[name] for name in header.split(','))}\n"
    )


def _plant_broken_file(landing: Path) -> None:
    write_gzip(landing / BROKEN_FILE, ["number,when", f"1,{CANARY_EMAIL}"])


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo company's files but for one source, and beside them a truth file."""
    directory = tmp_path_factory.mktemp("company")
    write_demo(directory / "landing", directory / "truth.json", SCALE)
    shutil.rmtree(directory / "landing" / MISSING_SOURCE)
    return directory / "landing"


@pytest.fixture(scope="session")
def truth(landing: Path) -> dict[str, Any]:
    """What the demo company's files add up to."""
    content: dict[str, Any] = json.loads((landing.parent / "truth.json").read_text())
    return content


@pytest.fixture(scope="session")
def planted_landing(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's files, a canary among them, and a file that none can read."""
    directory = tmp_path_factory.mktemp("planted")
    copy_landing(landing, directory)
    _plant_canary(directory)
    _plant_broken_file(directory)
    return directory


@pytest.fixture(scope="session")
def demo_run(
    planted_landing: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[House, Outcome]:
    """The demo company with what was planted, all files in time."""
    house = House(tmp_path_factory.mktemp("demo"))
    copy_landing(planted_landing, house.landing)
    return house, house.refresh()


@pytest.fixture(scope="session")
def demo(demo_run: tuple[House, Outcome]) -> House:
    """The demo company after its refresh."""
    house, outcome = demo_run
    assert outcome.code == 0, outcome.printed
    return house


def dagster_job(house: House, **variables: str | None) -> subprocess.CompletedProcess[str]:
    """`dagster job execute` on a house, in a process of its own; None leaves a variable out."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(house.home)} | house.environment
    environment |= {name: value for name, value in variables.items() if value is not None}
    for name in (name for name, value in variables.items() if value is None):
        environment.pop(name, None)
    return subprocess.run(
        [
            Path(sys.executable).with_name("dagster"),
            *("job", "execute", "-m", "orchestration.definitions", "-j", "daily_refresh"),
        ],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, for whoever makes what it needs in it."""
    with running() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A company without a single file, refreshed by Dagster's own command."""
    house = House(tmp_path_factory.mktemp("growing"))
    house.parse()
    finished = dagster_job(house, DAGSTER_HOME=None)
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return house


@pytest.fixture(scope="session")
def growing(empty: House, demo: House) -> House:
    """Two releases: of no file, then of all files, of which some came after the others.

    The second is built without dbt's data tests: the demo, which it must equal, passed them.
    """
    copy_landing(demo.landing, empty.landing, without=LATE)
    with settings.environment(empty.environment):
        load_landing(open_refresh(settings.load()).warehouse)
    copy_landing(demo.landing, empty.landing)
    with mock.patch.object(build, "LEFT_OUT", ("unit_test", "test")):
        outcome = empty.refresh()
    assert outcome.code == 0, outcome.printed
    return empty
