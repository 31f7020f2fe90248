"""What makes all tests cheaper without any of them knowing."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from orchestration.lib import dbt
from orchestration.lib.engines.duckdb import DuckDbEngine


@pytest.fixture(scope="session", autouse=True)
def one_parse() -> Iterator[None]:
    """Homes with equal dbt files share one parse, which costs as much as a dozen models.

    Nothing in a parse depends on where the home lies; that the work database's path is among what
    a home parses anew for is left out of the comparison here.
    """
    parse = dbt.parse

    def shared(project: dbt.DbtProject) -> None:
        if not isinstance(project.engine, DuckDbEngine):
            parse(project)
            return
        nowhere = replace(project.engine.settings, home=Path("/"))
        key = dbt.fingerprint(replace(project, engine=DuckDbEngine(nowhere)))
        kept = Path(directory, key)
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
