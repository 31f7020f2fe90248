"""Every suite: `<schema>/<table>.py` for a published table, `audits/` for what joins several.

A module holds one `SUITE`; a new file is found without being listed anywhere.
"""

from importlib import import_module
from pkgutil import walk_packages

from expectations.suite import Suite


def all_suites() -> tuple[Suite, ...]:
    """All suites, by name; raises `AttributeError` for a module that holds none."""
    modules = [
        import_module(found.name)
        for found in walk_packages(__path__, prefix=f"{__name__}.")
        if not found.ispkg
    ]
    return tuple(sorted((module.SUITE for module in modules), key=lambda suite: suite.name))
