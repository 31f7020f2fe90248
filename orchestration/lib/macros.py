"""Rules that models and Python share: each stands once, as a dbt macro, rendered without dbt."""

from functools import cache

import jinja2

from orchestration.settings import DBT_PROJECT_DIR


@cache
def rendered(macro: str, *arguments: str, files: tuple[str, ...]) -> str:
    """The SQL of a macro that calls none of dbt's own.

    `files` are those that define it and what it calls, below `macros/`, such as `kpi/ratio.sql`.
    """
    directory = DBT_PROJECT_DIR / "macros"
    source = "".join((directory / file).read_text(encoding="utf-8") for file in files)
    # It makes SQL of the project's own files, not HTML of anybody's text.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    template = environment.from_string(source + f"{{{{ {macro}(*arguments) }}}}")
    return template.render(arguments=arguments).strip()
