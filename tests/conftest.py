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


def read_own_seeds(project: dbt.DbtProject) -> None:
    """Has the copied parse of another home read the rows of this one's seeds."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

    saved = project.target / "partial_parse.msgpack"
    manifest = Manifest.from_msgpack(saved.read_bytes(), decoder=extended_mashumuro_decoder)
    told = project.manifest_path.read_text()
    for node in manifest.nodes.values():
        if node.resource_type == "seed":
            told = told.replace(
                f'"root_path": "{node.root_path}"', f'"root_path": "{project.directory}"'
            )
            node.root_path = str(project.directory)
    saved.write_bytes(manifest.to_msgpack(extended_mashumaro_encoder))
    project.manifest_path.write_text(told)


@pytest.fixture(scope="session", autouse=True)
def one_parse() -> Iterator[None]:
    """Homes with the checkout's models share one parse, which costs as much as a dozen models.

    Nothing in a parse depends on the rows of the home's seeds, which dbt reads when it builds them,
    and on where the home lies nothing but where it reads them.
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
            read_own_seeds(project)
        else:
            parse(project)
            shutil.copytree(project.target, kept)

    with (
        tempfile.TemporaryDirectory() as directory,
        mock.patch.object(dbt, "parse", shared),
    ):
        yield
