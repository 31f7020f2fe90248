"""Every suite: `<schema>/<table>.py` for a published table, `audits/` for what joins several.

A module holds one `SUITE`; a new file is found without being listed anywhere.
"""

from importlib import import_module
from pathlib import Path

from expectations.suite import Suite


def all_suites() -> tuple[Suite, ...]:
    """All suites, by name; raises `AttributeError` for a module that holds none."""
    modules = [import_module(f"{__name__}.{name}") for name in modules_of(Path(__file__).parent)]
    return tuple(sorted((module.SUITE for module in modules), key=lambda suite: suite.name))


def modules_of(folder: Path) -> list[str]:
    """The modules below a folder, by their files: a new schema's need no `__init__.py`."""
    files = (file.relative_to(folder).with_suffix("") for file in folder.rglob("*.py"))
    return sorted(
        ".".join(file.parts)
        for file in files
        if file.name != "__init__" and all(part.isidentifier() for part in file.parts)
    )
