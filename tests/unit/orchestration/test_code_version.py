"""The commit that a release names, however git keeps it."""

import subprocess
from pathlib import Path

import pytest

from orchestration.lib.refresh import code_version


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "First")
    return root


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_branch_a_packed_branch_a_worktree_and_no_branch_at_all(checkout: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    assert code_version(checkout) == commit
    git(checkout, "pack-refs", "--all")
    assert not (checkout / ".git/refs/heads/main").exists()
    assert code_version(checkout) == commit
    beside = checkout.with_name("beside")
    git(checkout, "worktree", "add", "--quiet", "-b", "feature/other", str(beside))
    git(beside, "commit", "--quiet", "--allow-empty", "--message", "Second")
    assert code_version(beside) == git(beside, "rev-parse", "HEAD") != commit
    git(beside, "checkout", "--quiet", "--detach", "main")
    assert code_version(beside) == commit


def test_outside_of_a_checkout_it_is_unknown(tmp_path: Path) -> None:
    assert code_version(tmp_path) == "unknown"
