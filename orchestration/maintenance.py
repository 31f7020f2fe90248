"""Commands that look after what was loaded: rebuild it, try again, forget a person."""

import shutil

from orchestration.lib import progress
from orchestration.lib.ingestion import erasure, journal, rebuild
from orchestration.lib.refresh import READ, open_refresh
from orchestration.lib.refresh_lock import RefreshLock
from orchestration.lib.sentences import printable
from orchestration.settings import ENGINES, Settings


def rebuild_database(settings: Settings, without: str = "") -> int:
    """Makes the raw tables and the ledger anew from the archive alone.

    `without` names sources (or source.table), with commas between, that are left out for good.
    """
    left_out = [name.strip() for name in without.split(",") if name.strip()]
    with RefreshLock(settings.home).hold("rebuild"):
        report = rebuild.rebuild(open_refresh(settings).warehouse, left_out)
    for note in report.notes:
        progress.say("rebuild", f"! {note}")
    print(f"\nRebuilt {settings.database}: {report.rows:,} rows of {report.files} files.")
    print("  The next refresh builds every model again.")
    return 0


def requeue(settings: Settings) -> int:
    """Loads refused files and quarantined rows that are acceptable by now."""
    with RefreshLock(settings.home).hold("requeue"):
        report = rebuild.requeue(open_refresh(settings).warehouse)
    for problem in report.problems:
        progress.say("requeue", f"! {problem}")
    if not report.outcomes:
        print("\nNothing that was refused or quarantined is acceptable by now.")
        return 0
    rows = sum(outcome.rows_loaded for outcome in report.outcomes)
    print(f"\nLoaded {len(report.outcomes)} files again: {rows:,} rows. Refresh to publish them.")
    return 0


def forget(settings: Settings, email: str, everyone: str = "") -> int:
    """Erases one person; 0 when no byte of the warehouse home holds their address any more.

    `everyone`: also where many customers have the address, if it is any text.
    """
    with RefreshLock(settings.home).hold("forget"):
        _remove_copies(settings)
        report = erasure.forget(
            open_refresh(settings).warehouse, settings.home, email, everyone=bool(everyone)
        )
    for note in report.notes:
        progress.say("forget", f"! {note}")
    print(
        f"\nErased: {report.rows_changed} rows in {report.files_rewritten} archived files, "
        f"{report.quarantined_files_removed} refused files, "
        f"{len(report.releases_removed)} other releases."
    )
    print(f"  {report.files_searched} files of {settings.home} searched byte by byte.")
    if report.holding_release:
        print(f"  {report.holding_release} was published before the last erasure and still holds")
        print("  that person: refresh, then run this command again, which removes it.")
    for path in report.landing:
        print(f"  landing is never written and still holds the person: {printable(path)}")
    # Both have the names of delivered files, and all else depends on the second.
    ledgers = {
        str(file.relative_to(settings.home))
        for file in (settings.database, settings.archive / journal.NAME)
    }
    for path in report.elsewhere:
        if path in ledgers:
            print(f"  keeps a file's name with the address, and must not be removed: {path}")
        else:
            print(f"  still holds the address, remove it by hand: {printable(path)}")
    return 1 if report.landing or report.elsewhere else 0


def _remove_copies(settings: Settings) -> None:
    """Removes an engine's own copies of raw tables and models; the next build writes them anew.

    Whichever engine is set: the copies of one that is no longer used would stay for good. So would
    the rules as Dagster read them while a refresh was under way.
    """
    shutil.rmtree(settings.build / READ, ignore_errors=True)
    for engine in ENGINES:
        for place in (settings.build / engine, settings.spill / engine):
            if place.exists():
                shutil.rmtree(place)
