"""A PostgreSQL server on loopback for as long as the tests need it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import pytest

USER = "postgres"
PASSWORD = "canary-p4ssw0rd"  # noqa: S105 - what must show up nowhere


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs; Debian keeps most of them off the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(versions[-1]) if versions else None)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A cluster in `directory`; the server refuses to run as root, so it runs as `USER` then."""

    directory: Path
    port: int

    @property
    def dsn(self) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self.directory.mkdir(parents=True)
        secret = self.directory / "password"
        secret.write_text(PASSWORD)
        if is_root():
            for path in (self.directory, secret):
                shutil.chown(path, USER)
        self._run(
            "initdb",
            [
                f"--pgdata={self.data}",
                f"--username={USER}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
        )
        secret.unlink()

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c fsync=off -c timezone=Europe/Paris -c datestyle=German"
        )
        log = self.directory / "server.log"
        self._run("pg_ctl", ["-D", str(self.data), "-w", "-l", str(log), "-o", options, "start"])

    def stop(self) -> None:
        self._run("pg_ctl", ["-D", str(self.data), "-m", "immediate", "-w", "stop"])

    def execute(self, statements: str) -> None:
        subprocess.run(
            [str(program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.dsn],
            input=statements.encode(),
            check=True,
            capture_output=True,
        )

    def query(self, statement: str, user: str = USER) -> str:
        """What a user is answered, columns split by `|`; raises `RuntimeError` with its words."""
        dsn = self.dsn.replace(f"//{USER}:", f"//{user}:")
        command = [str(program("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, "-d", dsn, "-c", statement], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    @contextmanager
    def transaction(self) -> Iterator[Callable[[str], str]]:
        """A transaction that stays open; gives what answers a query of one value in it."""
        command = [str(program("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        with subprocess.Popen(
            [*command, "-d", self.dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as client:

            def ask(statement: str) -> str:
                assert client.stdin is not None and client.stdout is not None
                client.stdin.write(f"{statement};\n")
                client.stdin.flush()
                return client.stdout.readline().strip()

            ask("begin; select 1")
            yield ask

    def _run(self, name: str, arguments: Sequence[str]) -> None:
        become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        command = [*(become if is_root() else []), str(program(name)), *arguments]
        done = subprocess.run(
            command,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.directory,
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode()}")


@contextmanager
def running() -> Iterator[Server]:
    """A new server, stopped and removed at the end; skips, saying why, where there is none."""
    if not program("initdb"):
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # Not below pytest's own directory, which only its user may enter.
    root = Path(tempfile.mkdtemp(prefix="warehouse_postgres_"))
    root.chmod(0o755)
    cluster = Server(root / "cluster", free_port())
    try:
        cluster.create()
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def is_root() -> bool:
    return os.geteuid() == 0
