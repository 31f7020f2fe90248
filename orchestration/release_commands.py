"""Commands that look after what was published: list it, go back, keep it, read it all again."""

from orchestration.lib import progress
from orchestration.lib.publishing.postgres import publish_to_postgres
from orchestration.lib.publishing.releases import ReleaseError, ReleaseStore
from orchestration.lib.publishing.verification import verify as verify_releases
from orchestration.settings import Settings, load_postgres


def show_releases(settings: Settings) -> int:
    """Lists every release, the newest last; the current and the pinned ones are marked."""
    store = ReleaseStore(settings.home)
    current, pins = store.current_id(), store.pins()
    for name in store.ids():
        try:
            release = store.release(name)
        except ReleaseError:
            print(f"{name}  damaged, see `make verify`")
            continue
        marks = [
            *(["current"] if release.id == current else []),
            *([f"pinned: {pins[release.id]}".removesuffix(": ")] if release.id in pins else []),
        ]
        rows = sum(table.rows for table in release.manifest.tables)
        print(
            f"{release.id}  as of {release.manifest.as_of}  published {release.published_at}  "
            f"{rows:>12,} rows  {', '.join(marks)}".rstrip()
        )
    if current is None:
        print(f"Nothing is published in {settings.home}.")
    if hold := store.hold():
        print(f"! {hold}")
    return 0


def rollback(settings: Settings, to: str, reason: str) -> int:
    """Makes an earlier release current; nothing newer is published until `resume`."""
    store = ReleaseStore(settings.home)
    release = store.rollback(to or None, reason)
    print(f"{release.id} is current, as of {release.manifest.as_of}.")
    print("  Refreshes build and audit, but publish nothing until `make resume`.")
    if asked := load_postgres():
        try:
            publish_to_postgres(store, asked, settings.memory_limit)
        except ReleaseError as error:
            print(f"  ! {error}")
            print(f"  `make rollback TO={release.id}` tries that again at once.")
            return 1
        print("  PostgreSQL shows it too.")
    return 0


def resume(settings: Settings) -> int:
    """Ends the hold of a rollback."""
    ended = ReleaseStore(settings.home).resume()
    print("Releases are published again." if ended else "Nothing was on hold.")
    return 0


def pin(settings: Settings, release: str, reason: str) -> int:
    """Keeps a release for good."""
    ReleaseStore(settings.home).pin(release, reason)
    print(f"{release} is kept until it is unpinned.")
    return 0


def unpin(settings: Settings, release: str) -> int:
    """Leaves a release to retention again."""
    ReleaseStore(settings.home).unpin(release)
    print(f"{release} is kept no longer than any other.")
    return 0


def verify(settings: Settings, release: str) -> int:
    """Reads releases whole, file by file and row by row; 1 where one is not what was published."""
    findings = verify_releases(
        ReleaseStore(settings.home), release or None, lambda name: progress.say("verify", name)
    )
    for one in findings:
        verdict = "damaged" if one.problems else "sound"
        print(f"{one.release}  {verdict}  {one.tables} tables, {one.rows:,} rows")
        for problem in one.problems:
            print(f"  ! {problem}")
    if not findings:
        print(f"Nothing is published in {settings.home}.")
    if damaged := [one.release for one in findings if one.problems]:
        if ReleaseStore(settings.home).current_id() in damaged:
            print("Readers see a damaged release: go back to a sound one with")
            print("  `make rollback TO=<release>`, then `make resume` and `make refresh`.")
        else:
            print("Readers see none of those that are damaged. Do not go back to one.")
        return 1
    return 0
