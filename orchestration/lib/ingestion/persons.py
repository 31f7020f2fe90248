"""Which rows belong to an erased person, and what takes the place of their identifiers.

A person is a set of suppressions: keyed hashes of an e-mail address, of logins, and of the
identifiers that link rows to one of them. Nothing readable of the person is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from orchestration.lib.company import Company, Expression, Target
from orchestration.lib.contract import Contract, Table
from orchestration.lib.ingestion import drift, emails, headers, mapping, sql
from orchestration.lib.ingestion.personal import NOBODY, pseudonym
from orchestration.lib.ingestion.reader import Reader
from orchestration.lib.ingestion.run import Run, Task

Suppression = tuple[str, str]
# Identifiers that stand for a person without being personal data themselves. A customer's and a
# lead's are unique within the source that has these tables, a browser's everywhere.
LINKS_OF_A_SOURCE = {"customer_id": ("shop_customers", "shop_orders"), "lead_id": ("crm_leads",)}
LINKS_OF_A_DEVICE = ("anonymous_id",)
# The tables whose rows say whose an identifier is.
_RECORDS = {
    "customer_id": "shop_customers",
    "lead_id": "crm_leads",
    "identifier": "shop_customers",
}
# Stands for the source of a number that one of several gives; no source has this name.
ANY_GIVER = "*"
_ROUNDS = 10


@dataclass(frozen=True)
class Match:
    """A row of a file: whether it is the person's own (not only their browser's)."""

    row_number: int
    is_own: bool


def kind_of(column: str, personal: str | None, source: str, company: Company) -> str | None:
    """The kind of identifier that a contract column holds, None for any other column.

    A help desk's customer number is that of the shop: a source that gives no such numbers itself
    means those of the only one that does or, of several, of the one that gives this one
    (`customer_id:*`), as the models read it.
    """
    if personal in ("email", "identifier"):
        return personal
    if column in LINKS_OF_A_SOURCE:
        givers = _givers(column, company)
        if not givers or source in givers:
            return f"{column}:{source}"
        return f"{column}:{givers[0] if len(givers) == 1 else ANY_GIVER}"
    return column if column in LINKS_OF_A_DEVICE else None


def _givers(column: str, company: Company) -> list[str]:
    """The sources that give customers or leads their identifiers."""
    return [
        known.source
        for known in company.sources
        if not known.tables.keys().isdisjoint(LINKS_OF_A_SOURCE[column])
    ]


def replacement(keyed_hash: str) -> str:
    """What stands for a suppressed identifier: always the same, and linked to nobody."""
    return f"erased-{keyed_hash[:16]}"


def is_device(kind: str) -> bool:
    """Whether the kind identifies a browser, which several people may share."""
    return kind in LINKS_OF_A_DEVICE


def keyed_hashes(run: Run, values: set[str], kind: str) -> dict[str, str]:
    """The keyed hash of each value, as ingestion would make it."""
    ordered = sorted(values)
    rows = run.connection.execute(
        f"select value, {_keyed_hash('value', kind)} from (select unnest($1::varchar[]) as value)",
        [ordered],
    ).fetchall()
    return {str(value): str(hashed) for value, hashed in rows}


def _keyed_hash(value: str, kind: str) -> str:
    """SQL: the keyed hash of a value; a file and the raw table agree on that of a link."""
    return pseudonym(value if kind in ("email", "identifier") else emails.keyed(value), kind)


def email_hash(run: Run, email: str) -> str:
    """The pseudonym of an e-mail address."""
    return keyed_hashes(run, {email}, "email")[email]


def linked(run: Run, start: set[Suppression]) -> tuple[set[Suppression], tuple[str, ...]]:
    """All identifiers that the raw tables link to a person, and sentences on what was not taken.

    From an e-mail or login to the customers, leads, logins and browsers of its rows, and from
    those on. A browser leads nowhere: several people may use it. Neither does an identifier that
    stands beside another e-mail, such as the customer number of all guests or of a firm with
    several contacts, or the login of somebody who recommends a friend, nor one that identifies
    nobody, nor a number of another source, such as that of the customer for whom somebody writes
    to the help desk.
    """
    person = set(start)
    notes: set[str] = set()
    for _ in range(_ROUNDS):
        found = set()
        for table in run.contract.tables.values():
            for source in _sources_of(run.connection, table):
                more, shared = _linked_in(run, table, source, person)
                found |= more
                notes |= shared
        if found <= person:
            break
        person |= found
    return person, tuple(sorted(notes))


def _left_open(run: Run, column: str) -> set[str]:
    """What is said of a number that several sources give: whose it is elsewhere, nobody knows."""
    givers = _givers(column, run.company)
    others = [
        known.source
        for known in run.company.sources
        if known.source not in givers
        and any(
            column in {c.name for c in run.contract.table(table).columns} for table in known.tables
        )
    ]
    if not others:
        return set()
    return {
        f"{', '.join(others)}: rows that name the person by {column} alone were left, since "
        f"{' and '.join(givers)} give such numbers; look for them there."
    }


def _given_elsewhere(run: Run, column: str, values: set[str], source: str) -> set[str]:
    """Numbers of a source that another one gives, or gave to somebody who was erased, as well."""
    found: set[str] = set()
    for table in LINKS_OF_A_SOURCE[column]:
        rows = run.connection.execute(
            f"select distinct {sql.identifier(column)} from {sql.raw_table(table)} "
            f"where _source <> $1 and list_contains($2, {sql.identifier(column)})",
            [source, sorted(values)],
        ).fetchall()
        found |= {str(value) for (value,) in rows}
    for giver in set(_givers(column, run.company)) - {source}:
        kind = f"{column}:{giver}"
        hashes = keyed_hashes(run, values, kind)
        found |= {value for value, h in hashes.items() if (kind, h) in run.ledger.suppressed}
    return found


def _sources_of(connection: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    raw = sql.raw_table(table.name)
    rows = connection.execute(f"select distinct _source from {raw} order by 1").fetchall()
    return [str(source) for (source,) in rows]


def _linked_in(
    run: Run, table: Table, source: str, person: set[Suppression]
) -> tuple[set[Suppression], set[str]]:
    raw = f"(select * from {sql.raw_table(table.name)} where _source = $source)"
    kinds = {c.name: kind_of(c.name, c.personal, source, run.company) for c in table.columns}
    columns = {name: kind for name, kind in kinds.items() if kind}
    own = [
        _is_suppressed(run, raw, name, kind, person, source=source)
        for name, kind in columns.items()
        if not is_device(kind)
    ]
    own = [condition for condition in own if condition != "false"]
    if not own:
        return set(), set()
    found: set[Suppression] = set()
    notes: set[str] = set()
    for name, kind in columns.items():
        is_of_another = name in LINKS_OF_A_SOURCE and kind != f"{name}:{source}"
        if kind == "email" or is_of_another:
            continue
        rows = run.connection.execute(
            f"select distinct {sql.identifier(name)}::varchar from {raw} "
            f"where {sql.identifier(name)} is not null and ({' or '.join(own)})",
            {"source": source},
        ).fetchall()
        values = {str(value) for (value,) in rows if not str(value).startswith(("erased-", NOBODY))}
        shared = _shared(run, kind, values, person)
        if shared:
            notes.add(
                f"{source}.{table.name}: {len(shared)} {name} that stand beside another e-mail "
                "were not followed."
            )
        if kind == "identifier":
            found |= {(kind, value) for value in values - shared}
        else:
            found |= {(kind, h) for h in keyed_hashes(run, values - shared, kind).values()}
        if name in LINKS_OF_A_SOURCE and len(_givers(name, run.company)) > 1:
            elsewhere = _given_elsewhere(run, name, values - shared, source)
            notes |= _left_open(run, name) if elsewhere else set()
            anywhere = f"{name}:{ANY_GIVER}"
            hashes = keyed_hashes(run, values - shared - elsewhere, anywhere)
            found |= {(anywhere, h) for h in hashes.values()}
    return found, notes


def stand_ins(run: Run, person: set[Suppression], texts: set[str], kind: str) -> dict[str, str]:
    """What takes the place of those texts of a kind that are the person's.

    A number of any source gets what it has got in the source that gives it, so that it still means
    the same customer.
    """
    hashed = keyed_hashes(run, texts, kind)
    known = {text: value for text, value in hashed.items() if (kind, value) in person}
    column, _, giver = kind.partition(":")
    if giver == ANY_GIVER:
        for source in _givers(column, run.company):
            given = f"{column}:{source}"
            for text, value in keyed_hashes(run, set(known), given).items():
                if (given, value) in person:
                    known[text] = value
    return {text: replacement(value) for text, value in known.items()}


def _shared(run: Run, kind: str, values: set[str], person: set[Suppression]) -> set[str]:
    """Values beside which an e-mail stands that is not the person's.

    Those of the record that says whose the value is count or, where no record has one, those
    anywhere.
    """
    places = []
    for other in run.contract.tables.values() if values else ():
        addresses = [c.name for c in other.columns if c.personal == "email"]
        for of in _sources_of(run.connection, other) if addresses else ():
            is_record = other.name == _RECORDS.get(kind.partition(":")[0])
            places += [
                f"select {sql.identifier(c.name)}::varchar as value, "
                f"{sql.identifier(addresses[0])} as email, {is_record} as is_record "
                f"from {sql.raw_table(other.name)} "
                f"where _source = {sql.literal(of)} and list_contains($values, value)"
                for c in other.columns
                if kind_of(c.name, c.personal, of, run.company) == kind
            ]
    if not places:
        return set()
    own = [value for of_kind, value in person if of_kind == "email"]
    rows = run.connection.execute(
        f"select value from ({' union all '.join(places)}) group by value "
        "having case when count(email) filter (where is_record) > 0 "
        "then count(email) filter (where is_record and not list_contains($own, email)) "
        "else count(email) filter (where not list_contains($own, email)) end > 0",
        {"values": sorted(values), "own": own},
    ).fetchall()
    return {str(value) for (value,) in rows}


def _is_suppressed(
    run: Run,
    relation: str,
    column: str,
    kind: str,
    person: set[Suppression],
    *,
    source: str | None = None,
) -> str:
    """SQL condition: the column's value is one of the person's.

    `relation` is a file's rows or, where a `source` is given, raw rows of `$source`, in which
    e-mails and logins are keyed hashes already.
    """
    hashes = sorted(value for of_kind, value in person if of_kind == kind)
    if not hashes:
        return "false"
    name = sql.identifier(column)
    if source and kind in ("email", "identifier"):
        return f"{name} in {sql.text_list(hashes)}"
    # Distinct values are few; a keyed hash is not cheap.
    parameters = {"source": source} if source else {}
    rows = run.connection.execute(
        f"select value from (select distinct {name}::varchar as value from {relation}) "
        f"where {_keyed_hash('value', kind)} in {sql.text_list(hashes)}",
        parameters,
    ).fetchall()
    values = [str(value) for (value,) in rows]
    return f"{name}::varchar in {sql.text_list(values)}" if values else "false"


@dataclass(frozen=True)
class FileColumns:
    """Where a file holds what: contract columns by file column, and file columns used at all.

    `kinds` are identifiers to replace or empty, `texts` personal texts to empty, `mentioned` what
    an expression makes either of. Columns that only personal data are made of are not used.
    `keys` may hold an identifier of any kind, such as a representative's. `statements` is all SQL
    that reads the file, and may name parts of its objects.
    """

    kinds: dict[str, str]
    texts: tuple[str, ...]
    mentioned: tuple[str, ...]
    used: tuple[str, ...]
    keys: tuple[str, ...]
    statements: tuple[str, ...]


def columns_of(run: Run, task: Task, available: list[str]) -> FileColumns:
    """What a task reads of a file; raises `ValueError` where a query hides the identifiers."""
    kinds: dict[str, str] = {}
    texts: list[str] = []
    mentioned: set[str] = set()
    used: set[str] = set()
    keys: set[str] = set()
    named = dict(task.config.columns or {})
    if task.config.query is not None:
        named = dict(task.config.identifiers)
        used |= mapping.read_by_query(task, available)
        keys |= used
        lacking = _unplaced(run, task, used)
        if lacking:
            raise ValueError(f"{task.label} is made by a query: {_where(lacking)}.")
    else:
        named |= {c.name: (c.name,) for c in task.table.columns if c.name not in named}
    for column in task.table.columns:
        target = named.get(column.name)
        kind = kind_of(column.name, column.personal, task.source, run.company)
        if isinstance(target, Expression):
            read = {name for name in available if mapping.is_named(name, target.sql)}
            mentioned |= read if kind or column.personal == "text" else set()
            used |= set() if column.personal else read
            keys |= read if column.name.endswith("_id") else set()
            continue
        found = headers.named(target or (), available)
        if found is None:
            continue
        used.add(found)
        if column.name.endswith("_id"):
            keys.add(found)
        if kind:
            kinds[found] = kind
        elif column.personal == "text":
            texts.append(found)
    statements = [target.sql for target in named.values() if isinstance(target, Expression)]
    if task.config.query is not None:
        # What a star takes out of an object has the names of the table.
        statements += [task.config.query, *(column.name for column in task.table.columns)]
    return FileColumns(
        kinds,
        tuple(texts),
        tuple(sorted(mentioned)),
        tuple(sorted(used)),
        tuple(sorted(keys)),
        tuple(statements),
    )


def _unplaced(run: Run, task: Task, read: Collection[str]) -> list[str]:
    """What a query yields of people without `identifiers:` that say where the file holds it.

    `read` are the file's columns that the query reads.
    """
    query = task.config.query or ""
    return [
        column.name
        for column in task.table.columns
        if (
            kind_of(column.name, column.personal, task.source, run.company)
            or column.personal == "text"
        )
        and column.name not in task.config.identifiers
        and (mapping.is_named(column.name, query) or headers.named((column.name,), read))
    ]


def note(run: Run, reader: Reader, task: Task) -> tuple[str, ...]:
    """A phrase about people whom `make forget` could not find, told once.

    Call inside of the transaction that loads the file.
    """
    if task.config.query is None:
        return ()
    lacking = _unplaced(run, task, mapping.read_by_query(task, list(reader.columns())))
    if not drift.not_told(run, f"unplaced of {task.label}", lacking):
        return ()
    return (f"`make forget` could erase nobody: {_where(lacking)}",)


def _where(lacking: Sequence[str]) -> str:
    return (
        f"say which columns of the file hold {', '.join(lacking)}, under `identifiers:` in its "
        "source.yaml; `{sql: 'null'}` where it holds none"
    )


def matches(
    run: Run, reader: Reader, task: Task, columns: FileColumns, person: set[Suppression]
) -> list[Match]:
    """The rows of an opened file that are the person's, or their browser's."""
    reader.open(task.settings)
    reader.materialise()
    own: list[str] = []
    device: list[str] = []
    relation, kinds = _with_made_columns(run, task, columns.kinds)
    for name, kind in kinds.items():
        condition = _is_suppressed(run, relation, name, kind, person)
        (device if is_device(kind) else own).append(condition)
    own_sql = " or ".join(own) or "false"
    device_sql = " or ".join(device) or "false"
    rows = run.connection.execute(
        f"select _row_number, coalesce({own_sql}, false) from {relation} "
        f"where coalesce({own_sql}, false) or coalesce({device_sql}, false)"
    ).fetchall()
    return [Match(int(number), bool(is_own)) for number, is_own in rows]


def _expressions(task: Task) -> dict[str, Target]:
    return task.config.identifiers if task.config.query else dict(task.config.columns or {})


def _with_made_columns(
    run: Run, task: Task, kinds: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """The temp table `source` with what expressions make of it, and the kinds of its identifiers.

    `kinds` are those of the file's own columns.
    """
    made, kinds = {}, dict(kinds)
    for column in task.table.columns:
        expression = _expressions(task).get(column.name)
        kind = kind_of(column.name, column.personal, task.source, run.company)
        if isinstance(expression, Expression) and kind:
            name = headers.made(column.name)
            made[name] = expression
            kinds[name] = kind
    return _with_made(run, task, made), kinds


def _with_made(run: Run, task: Task, expressions: Mapping[str, Expression]) -> str:
    """SQL of the temp table `source` with what expressions make of it, as text."""
    made = [f"({one.sql}\n)::varchar as {sql.identifier(n)}" for n, one in expressions.items()]
    if not made:
        return "source"
    rows = "source"
    if task.settings.format == "jsonl":
        rows = mapping.with_nulls(rows, mapping.keys_lacking(run.connection, rows, made))
    return f"(select *, {', '.join(made)} from {rows})"


def values_in(run: Run, task: Task, columns: FileColumns, rows: list[int]) -> dict[str, set[str]]:
    """The identifiers of these rows as they are written, or made by expressions, by kind."""
    relation, kinds = _with_made_columns(run, task, columns.kinds)
    values: dict[str, set[str]] = {}
    for name, kind in kinds.items():
        found = run.connection.execute(
            f"select distinct {sql.identifier(name)}::varchar from {relation} "
            f"where {sql.identifier(name)} is not null "
            "and _row_number in (select unnest($1::bigint[]))",
            [rows],
        ).fetchall()
        values.setdefault(kind, set()).update(str(value) for (value,) in found)
    return values


def texts_in(run: Run, task: Task, rows: list[int]) -> set[str]:
    """The names and comments that expressions make of these rows."""
    made = {
        headers.made(column.name): expression
        for column in task.table.columns
        if column.personal == "text"
        and isinstance(expression := _expressions(task).get(column.name), Expression)
    }
    relation, names = _with_made(run, task, made), ", ".join(map(sql.identifier, made))
    if not names:
        return set()
    found = run.connection.execute(
        f"select distinct unnest([{names}]) from {relation} "
        "where _row_number in (select unnest($1::bigint[]))",
        [rows],
    ).fetchall()
    return {str(text) for (text,) in found if text}


def still_linked(run: Run, contract: Contract, person: set[Suppression]) -> dict[str, int]:
    """Rows of each raw table that still hold one of the person's identifiers."""
    left: dict[str, int] = {}
    for table in contract.tables.values():
        for source in _sources_of(run.connection, table):
            if count := linked_rows(run, table, source, person):
                left[f"{source}.{table.name}"] = count
    return left


def linked_rows(
    run: Run, table: Table, source: str, person: set[Suppression], batch: int | None = None
) -> int:
    """How many rows of a source's raw table, or of one batch of it, hold such an identifier."""
    of_batch = "" if batch is None else f" and _batch_id = {batch}"
    raw = f"(select * from {sql.raw_table(table.name)} where _source = $source{of_batch})"
    conditions = [
        _is_suppressed(run, raw, column.name, kind, person, source=source)
        for column in table.columns
        if (kind := kind_of(column.name, column.personal, source, run.company))
    ]
    if not conditions:
        return 0
    row = run.connection.execute(
        f"select count(*) from {raw} where {' or '.join(conditions)}", {"source": source}
    ).fetchone()
    return int(row[0]) if row else 0
