"""The commands behind `make`: each prints progress, then a short summary, and nothing else."""

import argparse
import difflib
import hashlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from expectations.suites import all_suites
from orchestration import (
    data_docs,
    explain,
    maintenance,
    mmm_export,
    release_commands,
    settings,
)
from orchestration.lib import alerts, homes, progress
from orchestration.lib.company import CompanyError, load_company
from orchestration.lib.contract import did_you_mean
from orchestration.lib.mendable import MendableError
from orchestration.lib.publishing.postgres import publish_to_postgres
from orchestration.lib.publishing.releases import Release, ReleaseError, ReleaseStore
from orchestration.lib.refresh import open_refresh
from orchestration.lib.refresh_lock import SKIPPED, RefreshLock, RefreshRunningError
from orchestration.lib.sentences import under
from orchestration.lib.surroundings import told
from orchestration.status import show_status
from orchestration.summary import print_scorecard, print_summary

DAGSTER_INSTANCE = """\
telemetry:
  enabled: false
# No invitation to sign up anywhere.
nux:
  enabled: false
# Whatever opens the warehouse file runs alone.
concurrency:
  pools:
    default_limit: 1
run_monitoring:
  enabled: true
# A tick every half minute would otherwise be kept for good.
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 2
      success: 90
      failure: 90
"""
# The last line of the file, with a hash of those above it: what somebody edited stays.
DAGSTER_SEAL = "# Written by kpi-warehouse, which keeps it up to date until somebody edits it: "


def prepare_dagster(home: Path) -> None:
    """Writes Dagster's instance settings into its folder, unless somebody edited them."""
    home.mkdir(exist_ok=True)
    configuration = home / "dagster.yaml"
    wanted = f"{DAGSTER_INSTANCE}{DAGSTER_SEAL}{_sha256(DAGSTER_INSTANCE)}\n"
    present = configuration.read_text() if configuration.exists() else None
    if present != wanted and (present is None or _is_as_written(present)):
        temporary = configuration.with_suffix(".tmp")
        temporary.write_text(wanted)
        temporary.replace(configuration)


def _is_as_written(text: str) -> bool:
    """Whether a file of Dagster's settings is one that this program wrote, now or earlier."""
    body, _, seal = text.partition(DAGSTER_SEAL)
    return seal.strip() == _sha256(body)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def refresh(current: settings.Settings, force: str = "", accept: str = "", reason: str = "") -> int:
    """Runs the job `daily_refresh` in this process; 0 when what is published is up to date.

    Where nothing has changed since the current release was made, `force` (any text) runs it anyway.
    `accept` names audits, with commas between, that may find the data other than before, this once,
    for a `reason`.
    """
    if accept:
        accepted = {"WAREHOUSE_ACCEPT": accept, "WAREHOUSE_ACCEPT_REASON": reason}
        with settings.environment(accepted):
            return refresh(settings.load(), force)
    if current.accepted:
        _require_known_suites(current.accepted)
    # Said at once, and no failed run: the job would find out only when it has been loaded.
    RefreshLock(current.home).require_free()
    for problem in alerts.send_waiting(settings.load_alerts()):
        print(f"! {problem}")
    with _telling(current):
        release = None if force else up_to_date(current)
    if release:
        print(f"Nothing new since {release.id}, published {release.published_at}: same files,")
        print("  rules, code and business day. `make refresh FORCE=1` builds it anyway.")
        with _telling(current, published=True):
            is_copied = show_in_postgres(current)
        if is_copied:
            print("  PostgreSQL shows it again.")
        return 0

    import dagster as dg

    from orchestration.definitions import definitions
    from orchestration.defs.automation.failures import TELLS_ITSELF, tell

    started = time.monotonic()
    with _telling(current):
        loaded = definitions()
    with dg.DagsterInstance.get() as instance:
        result = loaded.resolve_job_def("daily_refresh").execute_in_process(
            instance=instance, raise_on_error=False, tags={TELLS_ITSELF: "true"}
        )
        run = instance.get_run_by_id(result.run_id)
    code = print_summary(current, result, time.monotonic() - started)
    if not result.success and (run is None or SKIPPED not in run.tags):
        for problem in tell(result.all_events):
            print(f"! {problem}")
    return code


@contextmanager
def _telling(current: settings.Settings, *, published: bool = False) -> Iterator[None]:
    """Tells people of what fails where no run of the job can tell: before it, or without one."""
    try:
        yield
    except RefreshRunningError:
        raise
    except Exception as error:
        reason = mendable(error) or f"a fault of the program ({type(error).__name__})."
        shown = ReleaseStore(current.home).current_id()
        alert = alerts.failed(reason, shown, blocked=False, published=published)
        for problem in alerts.send([alert], settings.load_alerts()):
            print(f"! {problem}")
        raise


def _require_known_suites(names: Iterable[str]) -> None:
    """Raises `SettingError` for an audit that there is not, before an hour is lost on it."""
    known = [suite.name for suite in all_suites()]
    for name in names:
        if name not in known:
            near = ", ".join(difflib.get_close_matches(name, known)) or "docs/expectations.md"
            raise settings.SettingError(f"There is no audit {name!r} to accept; see {near}.")


def up_to_date(current: settings.Settings) -> Release | None:
    """The current release, if a refresh would make the same; None where it must be made."""
    store = ReleaseStore(current.home)
    try:
        release = store.current()
    except ReleaseError:
        # The job stops at it too, and then tells people.
        return None
    if release is None or store.hold():
        return None
    return release if open_refresh(current).inputs.are_those_of(release.id) else None


def show_in_postgres(current: settings.Settings) -> bool:
    """Lets PostgreSQL show the current release, if it shall; whether it had to be copied there."""
    if (asked := settings.load_postgres()) is None:
        return False
    with RefreshLock(current.home).hold("postgres"):
        _, copied = publish_to_postgres(ReleaseStore(current.home), asked, current.memory_limit)
        return copied


def demo(current: settings.Settings) -> int:
    """Writes the demo company's landing files, refreshes and prints the scorecard."""
    from orchestration.demo import write_demo

    started = time.monotonic()
    write_demo(current.landing, current.home / "demo_truth.json")
    progress.say("demo", f"landing files written in {time.monotonic() - started:.0f}s")
    code = refresh(current)
    if code == 0:
        print_scorecard(current)
    return code


def ui(current: settings.Settings) -> int:
    """Serves Dagster's web UI to this machine only: it has no login.

    Dagster takes this process over, so that whoever ends it ends Dagster, and that its servers.
    """
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.chdir(settings.PROJECT_ROOT)
    # Dagster ends by SIGTERM as by Ctrl-C, which a script's `&` has told its processes to ignore.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    arguments = ("dev", "-m", "orchestration.definitions", "-h", "127.0.0.1")
    os.execv(dagster, (dagster, *arguments))  # noqa: S606 - our own environment's, fixed arguments


@dataclass(frozen=True)
class Command:
    """What a command calls, with the settings and its options, each a text that may be empty."""

    run: Callable[..., int]
    options: tuple[str, ...] = ()


COMMANDS = {
    "refresh": Command(refresh, ("force", "accept", "reason")),
    "demo": Command(demo),
    "ui": Command(ui),
    "rebuild": Command(maintenance.rebuild_database, ("without",)),
    "requeue": Command(maintenance.requeue),
    "forget": Command(maintenance.forget, ("email", "everyone")),
    "mmm": Command(mmm_export.export),
    "explain": Command(explain.explain, ("kpi", "grain", "base", "period")),
    "status": Command(show_status),
    "releases": Command(release_commands.show_releases),
    "rollback": Command(release_commands.rollback, ("to", "reason")),
    "resume": Command(release_commands.resume),
    "pin": Command(release_commands.pin, ("release", "reason")),
    "unpin": Command(release_commands.unpin, ("release",)),
    "data-docs": Command(data_docs.build, ("release",)),
    "verify": Command(release_commands.verify, ("release",)),
}


def warn_of_unread_variables(current: settings.Settings) -> None:
    """Names each WAREHOUSE_ variable that nothing reads: misspelt, it would leave the default.

    A source may keep its database's connection in a variable of such a name.
    """
    unread = settings.unread_variables()
    if not unread:
        return
    try:
        sources = load_company(current.sources_dir).sources
    except CompanyError:
        # Whatever needs the company says so itself.
        return
    connections = {
        table.database.connection_env
        for source in sources
        for table in source.tables.values()
        if table.database
    }
    for name in unread:
        if name not in connections:
            print(
                f"! {name} is set, but nothing reads it"
                f"{did_you_mean(name, settings.VARIABLES)} See docs/settings.md.",
                file=sys.stderr,
            )


def main() -> int:
    """Runs one command; an error that a user can mend is one sentence, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.cli")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        described = commands.add_parser(name, help=command.run.__doc__)
        for option in command.options:
            described.add_argument(f"--{option}", default="")
    options = vars(parser.parse_args())
    # dbt writes the command line into its log, and a reason may be signed by an address.
    del sys.argv[2:]
    name = options.pop("command")
    command = COMMANDS[name]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    progress.logger.addHandler(handler)
    progress.logger.setLevel(logging.INFO)
    progress.logger.propagate = False
    try:
        current = settings.load()
        warn_of_unread_variables(current)
        with told(current.home), homes.closed_to_others():
            homes.make(current.home)
            prepare_dagster(current.dagster_home)
            with settings.environment({"DAGSTER_HOME": str(current.dagster_home)}):
                return command.run(current, **options)
    except Exception as error:
        message = mendable(error)
        if message is None:
            raise
        undone = "published" if name in ("refresh", "demo") else "done"
        print(under(f"Nothing was {undone}:", message), file=sys.stderr)
        return 1
    finally:
        progress.logger.removeHandler(handler)


def mendable(error: BaseException | None) -> str | None:
    """What a user can mend, from the error or from what caused it; None for a fault of ours."""
    while error is not None:
        if isinstance(error, MendableError):
            return str(error)
        error = error.__cause__ or error.__context__
    return None


def main_of_pipe() -> int:
    """`main`, without a word where nobody reads on: `make status | head` is no fault."""
    code = 128 + signal.SIGPIPE
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # What could not be written would be tried once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    sys.exit(main_of_pipe())
