"""What dbt puts into a model's Jinja context and sqlfluff's own stand-ins lack.

sqlfluff renders the models without dbt, which takes seconds instead of minutes. Macros that dbt
ships or dispatches by engine render as a call of their own name: valid SQL of the same shape.
"""

from collections.abc import Callable

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


dbt = _Dbt()
adapter = _Adapter()
