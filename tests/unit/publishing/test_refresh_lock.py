import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchestration.lib.refresh_lock import RefreshLock, RefreshRunningError, in_turn

HOLDER = """
import sys
from pathlib import Path
from orchestration.lib.refresh_lock import RefreshLock
with RefreshLock(Path(sys.argv[1])).hold("run-of-another-process"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding_process(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    with holding_process(tmp_path) as process:
        lock = RefreshLock(tmp_path)
        with (
            pytest.raises(
                RefreshRunningError,
                match=rf"already running: pid {process.pid} on .*, since .*, "
                "run run-of-another-process",
            ),
            lock.hold("mine"),
        ):
            pass
        holder = lock.holder()
        assert holder is not None
        assert (holder.pid, holder.run) == (process.pid, "run-of-another-process")
        process.communicate("")
    assert RefreshLock(tmp_path).holder() is None


def test_the_lock_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    with holding_process(tmp_path) as process:
        process.kill()
    assert RefreshLock(tmp_path).holder() is None
    with RefreshLock(tmp_path).hold("mine") as holder:
        assert holder.pid == os.getpid()


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with RefreshLock(tmp_path).hold("first"):
        with pytest.raises(RefreshRunningError, match="run first"), RefreshLock(tmp_path).hold("x"):
            pass
        assert RefreshLock(tmp_path).holder() is not None


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), RefreshLock(tmp_path).hold("first"):
        raise ZeroDivisionError
    with RefreshLock(tmp_path).hold("second"):
        pass


READER = """
import sys
from pathlib import Path
from orchestration.lib.refresh_lock import in_turn
print("starting", flush=True)
with in_turn(Path(sys.argv[1])):
    print("reading", flush=True)
"""


def test_models_are_read_by_one_process_after_the_other(tmp_path: Path) -> None:
    lines: list[str] = []
    with in_turn(tmp_path):
        process = subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "starting\n"
        waiting = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
        waiting.start()
        waiting.join(timeout=0.5)
        assert not lines
    waiting.join()
    assert lines == ["reading\n"]
    assert process.wait() == 0
