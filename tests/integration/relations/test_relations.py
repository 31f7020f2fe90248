"""Companies whose rows differ in a known way publish tables that differ in a known way.

No oracle says what a figure must be; two builds of the whole warehouse say it to each other.
"""

from pathlib import Path

import pytest

from orchestration.demo import write_demo
from tests.integration.conftest import SCALE
from tests.integration.house import House
from tests.integration.relations.companies import Change, found, load
from tests.integration.relations.comparison import compare
from tests.integration.relations.relations import RELATIONS

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo company's raw rows."""
    directory = tmp_path_factory.mktemp("raw")
    write_demo(directory / "landing", directory / "truth.json", SCALE)
    return load(directory / "landing", directory / "home")


@pytest.fixture(scope="module")
def base(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The company of these rows as they are."""
    return found(raw, tmp_path_factory.mktemp("base"), Change())


@pytest.mark.parametrize("name", RELATIONS)
def test_every_published_table_follows_the_relation(
    name: str, raw: Path, base: House, tmp_path: Path
) -> None:
    relation = RELATIONS[name]
    other = found(raw, tmp_path, relation.change)
    assert compare(base, other, relation) == []
    if relation.change.is_rearranged:
        assert other.content_hashes() == base.content_hashes()
