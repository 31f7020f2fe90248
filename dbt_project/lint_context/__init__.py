"""What dbt puts into a model's Jinja context and sqlfluff's own stand-ins lack.

sqlfluff renders the models without dbt, which takes seconds instead of minutes. Macros that dbt
ships or dispatches by engine render as a call of their own name: valid SQL of the same shape.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import yaml

_PROJECT_FILE = Path(__file__).parents[1] / "dbt_project.yml"
_VARS: dict[str, Any] = yaml.safe_load(_PROJECT_FILE.read_text(encoding="utf-8"))["vars"]
_WHOLE_QUERIES = {"date_spine"}


def _call(name: str) -> Callable[..., str]:
    """A macro that renders as `name(arguments)`."""

    def macro(*arguments: object, **named: object) -> str:
        return f"{name}({', '.join(str(value) for value in (*arguments, *named.values()))})"

    return macro


class _Dbt:
    """`dbt.<macro>(...)`; a type renders as its name, a query as a query."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.startswith("type_"):
            return lambda: name.removeprefix("type_")
        if name in _WHOLE_QUERIES:
            return lambda *arguments: f"select * from {_call(name)(*arguments)}"
        return _call(name)


class _Adapter:
    """`adapter.dispatch('macro')(...)`."""

    def dispatch(self, name: str, macro_namespace: str | None = None) -> Callable[..., str]:
        return _call(name)


class _Exceptions:
    """`exceptions.raise_compiler_error(...)`."""

    def raise_compiler_error(self, message: str) -> NoReturn:
        raise ValueError(message)


def local_md5(text: str) -> str:
    """The MD5 of a text, in hexadecimal digits."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def var(name: str, default: object = None) -> Any:
    """A var as `dbt_project.yml` sets it."""
    return _VARS.get(name, default)


dbt = _Dbt()
adapter = _Adapter()
exceptions = _Exceptions()
