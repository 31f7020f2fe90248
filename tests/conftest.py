"""What makes all tests cheaper without any of them knowing."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from orchestration.lib import dbt
from orchestration.settings import DBT_PROJECT_DIR


@pytest.fixture(scope="session", autouse=True)
def one_parse() -> Iterator[None]:
    """Homes with the checkout's models share one parse, which costs as much as a dozen models.

    Nothing in a parse depends on where the home lies, nor on the rows of its seeds, which dbt reads
    when it builds them.
    """
    parse = dbt.parse

    def shared(project: dbt.DbtProject) -> None:
        if (project.directory / "models").resolve() != DBT_PROJECT_DIR / "models":
            parse(project)
            return
        digest = hashlib.sha256(project.engine.settings.engine.encode())
        for path in sorted(project.seeds.rglob("*")):
            digest.update(path.relative_to(project.seeds).as_posix().encode())
            if path.suffix == ".yml":
                digest.update(path.read_bytes())
        kept = Path(directory, digest.hexdigest())
        if kept.exists():
            shutil.copytree(kept, project.target)
        else:
            parse(project)
            shutil.copytree(project.target, kept)

    with (
        tempfile.TemporaryDirectory() as directory,
        mock.patch.object(dbt, "parse", shared),
    ):
        yield
