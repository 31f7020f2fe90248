"""No disk, no memory, no permission: said in words, the release intact, and then it goes on."""

import codecs
import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.lib.company import CompanyError
from orchestration.lib.ingestion import repeats
from orchestration.lib.publishing.releases import ReleaseStore
from orchestration.lib.surroundings import SurroundingsError, explain, told
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import Tiny, first_day, in_another_process, second_day

SIZES = (1 << 12, 12_288, 1 << 15, 1 << 17, 300_000, 600_000, 1 << 20)
NOBODY = 65_534


def tomorrow(home: Path) -> None:
    """The refresh of the second day, telling as the commands do."""
    tiny = Tiny.at(home)
    tiny.clock(1)
    with told(home):
        tiny.refresh()


def with_small_files(home: Path, size: int) -> None:
    """No file of this process may grow beyond `size`, which is as good as a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    tomorrow(home)


@pytest.fixture(scope="module")
def scene() -> Iterator[Path]:
    """A home with a release and a second day's files; below no directory that others cannot see."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        home = Path(directory) / "scene" / "home"
        tiny = Tiny.at(home)
        first_day(tiny)
        tiny.refresh()
        second_day(tiny)
        (home.parent / "checkout").chmod(0o777)
        yield home


@pytest.fixture(scope="module")
def expected(scene: Path) -> dict[str, str]:
    """What is published where nothing is in the way."""
    home = scene.parent.with_name("expected") / "home"
    shutil.copytree(scene, home, symlinks=True)
    tomorrow(home)
    return Tiny.at(home).published()


@pytest.fixture
def home(scene: Path, request: pytest.FixtureRequest) -> Path:
    copy = scene.parent.with_name(f"{abs(hash(request.node.name))}") / "home"
    shutil.copytree(scene, copy, symlinks=True)
    return copy


def fails(home: Path, action: Callable[..., None], *arguments: object) -> str:
    """The last line of how it failed; asserts that readers saw nothing of it."""
    before = Tiny.at(home).published()
    problem = in_another_process(action, home, *arguments)
    assert isinstance(problem, str), "it did not fail"
    assert Tiny.at(home).published() == before
    return problem.strip().splitlines()[-1]


def goes_on(home: Path, expected: dict[str, str]) -> None:
    tomorrow(home)
    assert Tiny.at(home).published() == expected


@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk(home: Path, expected: dict[str, str], size: int) -> None:
    said = fails(home, with_small_files, size)
    assert "SurroundingsError: The disk is full, or a limit reached, at " in said
    assert "MB free" in said
    goes_on(home, expected)


def may_mount() -> bool:
    with tempfile.TemporaryDirectory() as directory:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", directory],
            capture_output=True,
            check=False,
        )
        if tried.returncode == 0:
            subprocess.run(["umount", directory], check=True)
        return tried.returncode == 0


@contextlib.contextmanager
def small_disk(place: Path, megabytes: float) -> Iterator[None]:
    place.mkdir(parents=True)
    size = f"size={int(megabytes * 1024)}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def without_looking_first(home: Path) -> None:
    """As `tomorrow`, but the disk has filled up since the free space was looked at."""
    ReleaseStore._check_free_space = lambda *_: None  # type: ignore[method-assign]
    tomorrow(home)


@pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("mount") is None or not may_mount(),
    reason="a small disk of its own can only be mounted by root",
)
def test_a_disk_that_is_really_full(scene: Path, expected: dict[str, str], tmp_path: Path) -> None:
    size = sum(p.stat().st_blocks * 512 for p in scene.rglob("*") if p.is_file()) / 2**20
    failed = []
    for number, spare in enumerate((0.2, 0.8, 1.6, 2.4, 3.2)):
        place = tmp_path / str(number)
        with small_disk(place, size + spare):
            home = place / "home"
            shutil.copytree(scene, home, symlinks=True)
            before = Tiny.at(home).published()
            problem = in_another_process(without_looking_first, home)
            if not isinstance(problem, str):
                assert Tiny.at(home).published() == expected
                continue
            failed.append(spare)
            said = problem.strip().splitlines()[-1]
            assert "The disk is full" in said or "not enough memory" in said, said
            assert Tiny.at(home).published() == before
            subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
            in_another_process(without_looking_first, home)
            assert Tiny.at(home).published() == expected
    assert failed
    figures.note(
        "Full disks (file size limits, and small disks where they may be mounted)",
        f"{len(SIZES)} and {len(failed)} sizes: told, the release intact, exact once there is room",
    )


def with_little_memory(home: Path, megabytes: int) -> None:
    tiny = Tiny.at(home)
    tiny.clock(1)
    tiny.memory = f"{megabytes}MB"
    with told(home):
        tiny.refresh()


@pytest.mark.parametrize("megabytes", [1, 2, 4])
def test_little_memory(home: Path, expected: dict[str, str], megabytes: int) -> None:
    said = fails(home, with_little_memory, megabytes)
    assert "SurroundingsError: There is not enough memory. Raise WAREHOUSE_MEMORY_LIMIT" in said
    goes_on(home, expected)


def become_nobody() -> None:
    """A user whom permissions bind; tests may run as root, whom they do not."""
    # Nobody may perhaps not read the interpreter's and the project's own files: what is imported or
    # rendered late comes first.
    codecs.lookup("utf-8-sig")
    repeats.place("name")
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def as_nobody(home: Path) -> None:
    become_nobody()
    tomorrow(home)


def tells_as_nobody(home: Path, says: str) -> None:
    become_nobody()
    assert says in Tiny.at(home).ingest().problems


def give_away(home: Path) -> None:
    if os.getuid() == 0:
        for path in (home.parent, home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@pytest.mark.parametrize("place", ["releases", "archive", "build", ".", "warehouse.duckdb"])
def test_a_place_that_may_not_be_written(home: Path, expected: dict[str, str], place: str) -> None:
    give_away(home)
    path = home / place
    mode = path.stat().st_mode
    for one in (path, *(p for p in path.rglob("*") if p.is_dir())):
        one.chmod(0o555 if one.is_dir() else 0o444)
    said = fails(home, as_nobody)
    assert "SurroundingsError: " in said
    assert "may not be read or written" in said
    path.chmod(mode)
    for one in (p for p in path.rglob("*") if p.is_dir()):
        one.chmod(0o755)
    goes_on(home, expected)


def test_a_file_that_may_not_be_read_is_refused_by_name(
    home: Path, expected: dict[str, str]
) -> None:
    give_away(home)
    file = home / "landing" / "things_4.csv"
    file.chmod(0)
    assert in_another_process(as_nobody, home) == 0
    tiny = Tiny.at(home)
    assert tiny.query("select reason from ops.ledger where file_name = 'things_4.csv'") == [
        ("cannot be opened (Permission denied); check its permissions.",)
    ]
    file.chmod(0o644)
    goes_on(home, expected)


@pytest.mark.parametrize("place", [".", "more"])
def test_a_landing_folder_that_may_not_be_listed_is_named(home: Path, place: str) -> None:
    give_away(home)
    folder = home / "landing" / place
    folder.mkdir(exist_ok=True)
    folder.chmod(0)
    says = f"'{folder}' may not be read: its files are taken for missing. Give this user the right"
    assert in_another_process(tells_as_nobody, home, f"{says} to.") == 0
    folder.chmod(0o755)


def test_a_program_that_has_the_database_open_is_named(home: Path) -> None:
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, home / "warehouse.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(SurroundingsError, match=rf"is open in .*pid {other.pid}"):
            tomorrow(home)
        other.communicate("\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[Errno 24] Too many open files: '/x'", "ulimit"),
        ("[Errno 5] Input/output error: '/x'", "reports an error at /x"),
        ("[Errno 36] File name too long: '/x'", "too long a name"),
        ("[Errno 30] Read-only file system: '/x/y'", "/x/y may not be"),
        ("[Errno 122] Disk quota exceeded: '/x'", "limit reached, at /x"),
        ("(sqlite3.OperationalError) database or disk is full", "The disk is full"),
        ("attempt to write a readonly database", "may not be read or written"),
        (
            "[Errno 13] Permission denied",
            "or /dev/shm, which holds the locks of processes, may not",
        ),
        ("[Errno 13] Permission denied: '/data/x'", "/data/x may not be read or written"),
        ("Answer from Java side is empty", "Java process has ended"),
        ("Runtime Error [Errno 111] Connection refused", "Java process has ended"),
    ],
)
def test_whatever_the_system_refuses_has_a_sentence(text: str, says: str, tmp_path: Path) -> None:
    assert says in str(explain(text, tmp_path))


def test_a_place_that_cannot_even_be_looked_at_has_a_sentence(tmp_path: Path) -> None:
    name = tmp_path / f"{'x' * 300}.csv"
    with pytest.raises(SurroundingsError, match=r"x\.csv is too long a name"), told(tmp_path):
        name.read_text()


@pytest.mark.parametrize(
    ("wrapper", "raised", "says"),
    [
        (dg.DagsterError("no definitions"), SurroundingsError, "may not be read or written"),
        (CompanyError("company.yaml: see line 3"), CompanyError, "see line 3"),
    ],
)
def test_what_dagster_wraps_has_its_sentence_and_our_own_errors_keep_theirs(
    wrapper: Exception, raised: type[Exception], says: str, tmp_path: Path
) -> None:
    with pytest.raises(raised, match=says), told(tmp_path):
        try:
            raise sqlite3.OperationalError("attempt to write a readonly database")
        except sqlite3.OperationalError as error:
            raise wrapper from error


def test_other_errors_keep_their_kind_but_quote_nothing(tmp_path: Path) -> None:
    assert explain("Catalog Error: no such table", tmp_path) is None
    with pytest.raises(FileNotFoundError), told(tmp_path):
        (tmp_path / "x").read_text()
    with (
        pytest.raises(
            RuntimeError, match=r"^Conversion Error: .*'\.\.\.'.*\(ConversionException, test_limits"
        ),
        told(tmp_path),
    ):
        duckdb.execute("select 'ann@example.com'::int")
