"""The rules that hold for every dbt model, as functions over dbt's manifest.

A rule takes the manifest (dbt's `manifest.json` as a dict) and returns one sentence per
violation, which names the thing, the reason and the remedy; an empty list means that the rule
holds. Rules read only what is named in them, so a bad example is a dict of a few lines.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from expectations.suites import all_suites

Manifest = Mapping[str, Any]
Node = Mapping[str, Any]

PROJECT = "kpi_warehouse"
MAX_JOINS = 7

# Columns of the input contract that hold personal data, under whatever table.
PERSONAL_NAMES = ("email", "full_name", "user_id", "comment")
PERSONAL_KINDS = ("email", "identifier", "text")

READS = {
    "staging": {"source"},
    "intermediate": {"staging", "seed", "intermediate"},
    "marts": {"intermediate", "marts"},
}

_WALL_CLOCK = re.compile(
    r"\b(current_date|current_timestamp|current_time|localtime|localtimestamp|sysdate"
    r"|run_started_at|now\s*\(|getdate\s*\(|today\s*\()",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(^|_)(revenue|amount|spend|margin|price|cost|refunded|discount)(_|$)")
_NOT_MONEY = re.compile(r"_per_|^return_on_|_(rate|ratio|share|count|key|id)$")
_FLOAT = re.compile(r"\b(double|float|real)\b", re.IGNORECASE)
_FLOAT_CAST = re.compile(
    r"\bas\s+(?:double|float|real)(?:\s+precision)?\s*\)\s*as\s+(\w+)", re.IGNORECASE
)
_ENGINE = re.compile(r"duckdb|spark|target\.type", re.IGNORECASE)
_JOIN = re.compile(r"\bjoin\b", re.IGNORECASE)
_VAR = re.compile(r"""\bvar\(\s*['"](\w+)['"]""")
_KEY_MACRO = re.compile(r"\{\{\s*(integer|identifying)_key\(.*?\)\s*\}\}", re.DOTALL)
_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def models(manifest: Manifest, *layers: str) -> Iterator[Node]:
    """The project's models by name, of these layers (staging, intermediate, marts) or of all."""
    chosen = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and (not layers or layer(node) in layers)
    ]
    yield from sorted(chosen, key=lambda node: str(node["name"]))


def layer(node: Node) -> str:
    """The first folder below `models/`."""
    return PurePosixPath(node["original_file_path"]).parts[1]


def area(node: Node) -> str:
    """The folder that holds the model: a system, or an area of the business."""
    return PurePosixPath(node["original_file_path"]).parent.name


def without_comments(sql: str) -> str:
    """The code alone; SQL and Jinja comments may say what code must not."""
    return _SQL_COMMENT.sub(" ", _JINJA_COMMENT.sub(" ", sql))


def names_follow_the_layer(manifest: Manifest) -> list[str]:
    """`stg_<system>__<plural>` and `int_<area>__<...>`; a published name is that of a suite."""
    problems = []
    for node in models(manifest, "staging", "intermediate"):
        prefix = {"staging": "stg", "intermediate": "int"}[layer(node)] + f"_{area(node)}__"
        if not re.fullmatch(prefix + r"[a-z0-9_]+", node["name"]):
            problems.append(
                f"{node['name']}: the name does not tell its layer and folder;"
                f" rename it to {prefix}..."
            )
    return problems


def published_models_have_a_suite(manifest: Manifest) -> list[str]:
    """What must hold for a published table before anybody reads it is written down."""
    suites = {suite.name for suite in all_suites()}
    return [
        f"{node['name']}: nobody says what must hold for it;"
        f" write expectations/suites/{area(node)}/{node['name']}.py."
        for node in models(manifest, "marts")
        if f"{area(node)}.{node['name']}" not in suites
    ]


def models_have_both_files(manifest: Manifest) -> list[str]:
    """`<model>.sql` and `<model>.yml` side by side."""
    problems = []
    for node in models(manifest):
        code = PurePosixPath(node["original_file_path"])
        described = (node["patch_path"] or "").removeprefix(f"{PROJECT}://")
        if described != str(code.with_suffix(".yml")):
            problems.append(
                f"{node['name']}: a model is described beside its code;"
                f" put its description into {code.with_suffix('.yml')}."
            )
    return problems


def descriptions_state_the_grain(manifest: Manifest) -> list[str]:
    """The description of every model, seed and source table begins with "One row per"."""
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    described = [*models(manifest), *seeds, *manifest["sources"].values()]
    return [
        f"{node['name']}: a reader must know what a row is;"
        " begin the description with 'One row per ...'."
        for node in described
        if not node["description"].startswith("One row per ")
    ]


def published_models_have_contracts(manifest: Manifest) -> list[str]:
    """Every published table enforces its contract, with type and description of each column."""
    problems = []
    for node in models(manifest, "marts"):
        if not node["contract"]["enforced"]:
            problems.append(
                f"{node['name']}: consumers rely on its columns; enforce its contract"
                " (contract: {enforced: true})."
            )
        for name, column in node["columns"].items():
            for wanted in ("data_type", "description"):
                if not column[wanted]:
                    problems.append(
                        f"{node['name']}.{name}: consumers rely on the column; give its {wanted}."
                    )
        if not node["columns"]:
            problems.append(f"{node['name']}: consumers rely on its columns; list them.")
    return problems


def models_have_a_tested_key(manifest: Manifest) -> list[str]:
    """A column that is tested `unique` and never null, or a `unique_combination` of columns.

    A test of a view computes the view once more: `key_is_tested_in` names the models that read it
    and have its rows, so that their keys prove its own.
    """
    tested: dict[str, dict[str, set[str]]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata")
        if node["resource_type"] == "test" and test:
            tests = tested.setdefault(node["attached_node"], {})
            columns = [node["column_name"] or "", *test["kwargs"].get("columns", [])]
            tests.setdefault(test["name"], set()).update(columns)
    reads = {node["name"]: node["depends_on"]["nodes"] for node in models(manifest)}
    problems = []
    for node in models(manifest):
        tests = tested.get(node["unique_id"], {})
        alone = tests.get("unique", set()) & tests.get("not_null_columns", set())
        elsewhere = node["meta"].get("key_is_tested_in", [])
        problems += [
            f"{node['name']}: {name} does not read it, so that its key proves nothing here."
            for name in elsewhere
            if node["unique_id"] not in reads.get(name, [])
        ]
        if not alone and not elsewhere and "unique_combination" not in tests:
            problems.append(
                f"{node['name']}: nothing proves that its grain is true; test its key with unique"
                " and not_null_columns for one column, or unique_combination for several."
            )
    return problems


def layers_read_the_one_before(manifest: Manifest) -> list[str]:
    """Sources to staging to intermediate to marts; seeds enter at intermediate."""
    problems = []
    for node in models(manifest):
        allowed = READS[layer(node)]
        for read in node["depends_on"]["nodes"]:
            kind = read.split(".")[0]
            if kind == "model":
                kind = layer(manifest["nodes"][read])
            if kind not in allowed:
                problems.append(
                    f"{node['name']} ({layer(node)}) reads {read} ({kind}); data flows one way:"
                    f" read only {' or '.join(sorted(allowed))}."
                )
    return problems


def nothing_asks_the_wall_clock(manifest: Manifest) -> list[str]:
    """No model and no macro of the project asks what time it is."""
    return [
        f"{name}: {match.group(1).strip('( ')} makes a rerun give another answer;"
        " use the refresh's clock, as_of()."
        for name, code in _project_code(manifest)
        if (match := _WALL_CLOCK.search(without_comments(code)))
    ]


def money_is_never_a_float(manifest: Manifest) -> list[str]:
    """No column named like money has a binary floating-point type or is cast to one."""
    problems = []
    typed = [
        (f"{node['name']}.{column['name']}", column["name"], column["data_type"] or "")
        for node in [*models(manifest), *manifest["sources"].values()]
        for column in node["columns"].values()
    ]
    cast = [
        (f"{node['name']}.{name}", name, "double")
        for node in models(manifest)
        for name in _FLOAT_CAST.findall(without_comments(node["raw_code"]))
    ]
    for place, name, data_type in [*typed, *cast]:
        if _is_money(name) and _FLOAT.search(data_type):
            problems.append(
                f"{place}: sums of floats depend on the order of the rows;"
                " make it decimal(18,4) or another decimal."
            )
    return problems


def personal_columns_are_tagged(manifest: Manifest) -> list[str]:
    """Source columns named like personal data say which kind they are."""
    return [
        f"{table['name']}.{name}: ingestion pseudonymises only what is tagged; add"
        f" config: {{meta: {{personal: ...}}}} with one of {', '.join(PERSONAL_KINDS)}."
        for table in manifest["sources"].values()
        for name, column in table["columns"].items()
        if _is_personal(name) and column["meta"].get("personal") not in PERSONAL_KINDS
    ]


def personal_columns_stay_behind(manifest: Manifest) -> list[str]:
    """No model has a column named like personal data; staging turns them into integer keys."""
    problems = [
        f"{node['name']}.{name}: personal data stays in raw; use the key that staging made of it."
        for node in models(manifest)
        for name in node["columns"]
        if _is_personal(name)
    ]
    for node in models(manifest, "staging"):
        for name in _personal_columns_read(manifest, node):
            problems.append(
                f"{node['name']}: {name} is personal data; it may only be read inside"
                " integer_key([...]) or identifying_key(...), or not at all."
            )
    return problems


def marts_name_their_columns(manifest: Manifest) -> list[str]:
    """No `select *` over a join in a published model."""
    return [
        f"{node['name']}: select * over a join publishes whatever the inputs hold;"
        " name the columns."
        for node in models(manifest, "marts")
        if _selects_star_from_join(node["raw_code"])
    ]


def models_join_little(manifest: Manifest) -> list[str]:
    """At most `MAX_JOINS` joins in one model."""
    problems = []
    for node in models(manifest):
        joins = len(_JOIN.findall(without_comments(node["raw_code"])))
        if joins > MAX_JOINS:
            problems.append(
                f"{node['name']}: nobody can review {joins} joins in one model; move a part into"
                f" an intermediate model (at most {MAX_JOINS})."
            )
    return problems


def models_name_no_engine(manifest: Manifest) -> list[str]:
    """Models run on every engine; what only one has is a macro."""
    return [
        f"{node['name']}: models run on every engine; put what only {match.group()} has into a"
        " dispatched macro in macros/engine/."
        for node in models(manifest)
        if (match := _ENGINE.search(node["raw_code"]))
    ]


def fixtures_have_no_backslash(manifest: Manifest) -> list[str]:
    """A made-up row means the same on every engine: only some read a backslash as itself."""
    return [
        f"{test['name']}: {value!r} has a backslash, which an engine may take for the beginning of"
        " an escape; write it otherwise, as [.] for \\. in a pattern."
        for test in manifest["unit_tests"].values()
        for table in [*test["given"], test["expect"]]
        for row in ([table["rows"]] if isinstance(table["rows"], str) else table["rows"] or [])
        for value in ([row] if isinstance(row, str) else row.values())
        if isinstance(value, str) and "\\" in value
    ]


def source_columns_are_typed(manifest: Manifest) -> list[str]:
    """The input contract gives every column's type and keys that exist."""
    problems = []
    for table in manifest["sources"].values():
        problems += [
            f"{table['name']}.{name}: ingestion types the raw table by the contract;"
            " add its data_type."
            for name, column in table["columns"].items()
            if not column["data_type"]
        ]
        key = table["meta"].get("key") or []
        if not key or not set(key) <= set(table["columns"]):
            problems.append(
                f"{table['name']}: versions of a row are told apart by its key; list existing"
                f" columns in config: {{meta: {{key: [...]}}}}, not {key}."
            )
    return problems


def vars_are_declared(manifest: Manifest, project_file: str) -> list[str]:
    """Every var that is used stands in `dbt_project.yml`, right below a line that explains it.

    `project_file` is the text of `dbt_project.yml`.
    """
    explained = _explained_vars(project_file)
    used = {
        name: place
        for place, code in _project_code(manifest)
        for name in _VAR.findall(without_comments(code))
    }
    return [
        f"{place}: var {name} is "
        + ("not explained" if name in explained else "not declared")
        + "; give it a default in dbt_project.yml below a comment line with its meaning and unit."
        for name, place in sorted(used.items())
        if not explained.get(name)
    ]


def _project_code(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Name and code of every model and macro of this project."""
    for node in models(manifest):
        yield node["name"], node["raw_code"]
    for macro in manifest["macros"].values():
        if macro["package_name"] == PROJECT:
            yield f"macro {macro['name']}", macro["macro_sql"]


def _explained_vars(project_file: str) -> dict[str, bool]:
    """Whether each var of the `vars:` block has a comment line right above it."""
    explained: dict[str, bool] = {}
    inside = False
    previous = ""
    for line in project_file.splitlines():
        if re.match(r"\S", line) and not line.startswith("#"):
            inside = line.startswith("vars:")
        elif inside and (match := re.match(r" {2}(\w+):", line)):
            explained[match.group(1)] = previous.strip().startswith("#")
        previous = line
    return explained


def _is_money(name: str) -> bool:
    return bool(_MONEY.search(name)) and not _NOT_MONEY.search(name)


def _is_personal(name: str) -> bool:
    return any(name == word or name.endswith(f"_{word}") for word in PERSONAL_NAMES)


def _personal_columns_read(manifest: Manifest, node: Node) -> Iterable[str]:
    """Personal columns of the model's sources that its code names outside of integer_key()."""
    words = set(re.findall(r"\w+", _KEY_MACRO.sub(" ", without_comments(node["raw_code"]))))
    for read in node["depends_on"]["nodes"]:
        table = manifest["sources"].get(read, {"columns": {}})
        for name, column in table["columns"].items():
            if column["meta"].get("personal") and name in words:
                yield name


def _selects_star_from_join(raw_code: str) -> bool:
    """Whether some select that takes every column of an input also joins.

    Follows the brackets: a join counts for the select of its own bracket, not for one around it.
    """
    sql = _JINJA_CODE.sub("x", without_comments(raw_code)).lower()
    stars = [False]
    previous = ""
    for word in re.findall(r"\w+|[^\w\s]", sql):
        if word == "(":
            stars.append(False)
        elif word == ")":
            stars.pop()
        elif word == "select":
            stars[-1] = False
        elif word == "*" and previous in ("select", "distinct", ",", "."):
            stars[-1] = True
        elif word == "join" and stars[-1]:
            return True
        previous = word
    return False


# The rules that need the manifest alone; `vars_are_declared` needs the project file too.
RULES: list[Callable[[Manifest], list[str]]] = [
    names_follow_the_layer,
    published_models_have_a_suite,
    models_have_both_files,
    descriptions_state_the_grain,
    published_models_have_contracts,
    models_have_a_tested_key,
    layers_read_the_one_before,
    nothing_asks_the_wall_clock,
    money_is_never_a_float,
    personal_columns_are_tagged,
    personal_columns_stay_behind,
    marts_name_their_columns,
    models_join_little,
    models_name_no_engine,
    fixtures_have_no_backslash,
    source_columns_are_typed,
]
