"""The words that suites are written in: one expectation reads like the rule it states.

An expectation is checked in one of two ways, and its author need not care which:

* on the rows of a small table, which are handed to Great Expectations whole;
* on a *count of offending rows* that DuckDB computes (`measure`), which must be 0. So are all
  expectations of a table read with `read="counts"`, and rules that are SQL conditions (`never`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from orchestration.lib.ingestion import sql

Severity = Literal["blocking", "warning"]

# The columns by which a message may name the rows that break a rule. None is personal or an address
# in the contract, none an identifier that `make forget` looks for, none a name or a free text, in
# which a person could stand. A table with one of the first is named by that alone.
IDENTIFIERS = (
    *("action_id", "response_id", "refund_id", "order_item_id", "activity_id", "ticket_id"),
    *("order_id", "opportunity_id", "product_id"),
)
COLUMNS_NAMED = 3
NAMING_COLUMNS = (
    *IDENTIFIERS,
    *("raw_table", "kpi_id", "funnel", "step_number", "stage", "country", "priority", "platform"),
    *("campaign_id", "spend_date", "conversion_type", "model", "channel", "fact", "part"),
    *("source_name", "period_grain", "period_start", "date_day", "span", "day", "currency"),
    *("silent_source", "published_table"),
)


@dataclass(frozen=True)
class Expectation:
    """One rule that a table must keep.

    `name` is unique in its suite. `rule` is a Great Expectations rule in snake case without
    `expect_`, and `arguments` are its arguments. `measure` is a SQL aggregate that counts the rows
    breaking the rule (`{table}` stands for the relation); it is "" where only whole rows will do,
    and `rule` is "" where only the measure will do. `condition` is true of those rows, "" where
    none of them can be pointed at; `named_by` are those of `NAMING_COLUMNS` that tell which, where
    they tell more than the usual ones. `owner` is who is asked when it fails, and `sentence` is
    what a business reader is then told. `is_about_the_past` says that a rule compares with what
    was, which a person may overrule who knows why it changed.
    """

    name: str
    sentence: str
    owner: str
    rule: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    measure: str = ""
    severity: Severity = "blocking"
    column: str = ""
    is_about_the_past: bool = False
    condition: str = ""
    named_by: tuple[str, ...] = ()

    def as_warning(self) -> "Expectation":
        """The same rule, but a failure is reported and does not stop the publish."""
        return replace(self, severity="warning")

    def telling(self, *columns: str) -> "Expectation":
        """The same rule; a failure tells these columns of the rows that break it."""
        return replace(self, named_by=columns)

    def about_the_past(self) -> "Expectation":
        """The same rule, and a person may accept that it fails."""
        return replace(self, is_about_the_past=True)


@dataclass(frozen=True)
class Suite:
    """What must hold for one published table, or for the result of one audit query.

    `table` is `schema.name`; a table that is not in the release makes the suite broken.
    `columns` are those that readers rely on. With `read="rows"` the relation goes to Great
    Expectations whole; with `read="counts"` only counts of offending rows do. `query` replaces
    the table as the relation that the expectations are about. It may read the release before as
    `earlier.<schema>.<table>` and, with `needs_sources`, the work database as `sources.raw.<table>`
    and `sources.ops.<table>`; with `needs_seeds` the company's rules as `seeds.<seed>`, each column
    as text.

    With `is_about_texts` the expectations are asked of each table in the release, and their
    measures, in which `{text}` stands for a column, are those of its text columns together. With
    `is_about_sizes` they are asked of each table too, whose name `{table_name}` stands for, as a
    text of SQL. Both name the table in name and sentence: it is no value from the data.
    """

    name: str
    table: str
    expectations: Sequence[Expectation]
    columns: Sequence[str] = ()
    read: Literal["rows", "counts"] = "rows"
    query: str = ""
    needs_sources: bool = False
    needs_seeds: bool = False
    is_about_texts: bool = False
    is_about_sizes: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError` for a suite that could not be run as it is written."""
        names = [expectation.name for expectation in self.expectations]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"Suite {self.name}: two expectations are named {repeated}.")
        for expectation in self.expectations:
            if not expectation.measure and (self.read == "counts" or not expectation.rule):
                raise ValueError(f"Suite {self.name}: {expectation.name} has nothing to count.")
            if unnamed := set(expectation.named_by) - set(NAMING_COLUMNS):
                raise ValueError(f"Suite {self.name}: no message may show {sorted(unnamed)}.")

    @property
    def relation(self) -> str:
        """What the expectations are about, as it stands after SQL's `from`."""
        return f"({self.query})" if self.query else self.table

    @property
    def counted(self) -> list[Expectation]:
        """The expectations that are checked on a count of offending rows."""
        return [e for e in self.expectations if e.measure and (self.read == "counts" or not e.rule)]

    @property
    def whole(self) -> list[Expectation]:
        """The expectations that are checked on the rows themselves."""
        counted = self.counted
        return [e for e in self.expectations if e not in counted]

    def parts(self, tables: Mapping[tuple[str, str], Mapping[str, str]]) -> list["Suite"]:
        """This suite; or, of one about texts, a suite for each table that has some.

        `tables` are the types of columns by schema and table. One about sizes stays one suite,
        which asks of every table at once.
        """
        if self.is_about_sizes:
            names = [f"{schema}.{table}" for schema, table in tables]
            asked = [_of_size(e, name) for name in names for e in self.expectations]
            return [replace(self, expectations=asked)]
        if not self.is_about_texts:
            return [self]
        return [
            replace(
                self,
                table=f"{sql.identifier(schema)}.{sql.identifier(table)}",
                expectations=[_of_texts(e, f"{schema}.{table}", texts) for e in self.expectations],
            )
            for (schema, table), columns in tables.items()
            if (texts := [name for name, data_type in columns.items() if "varchar" in data_type])
        ]

    def measure_sql(self, expectation: Expectation) -> str:
        """The expectation's measure over this suite's relation, as one select-list entry."""
        return expectation.measure.replace("{table}", self.relation)

    def offending_sql(self, expectation: Expectation) -> str:
        """The rows that break an expectation with a condition, as SQL from its `from` on."""
        condition = expectation.condition.replace("{table}", self.relation)
        return f"from {self.relation} where {condition}"

    def naming(self, expectation: Expectation, columns: Collection[str]) -> tuple[str, ...]:
        """By which of the relation's columns a message names rows; none where none may."""
        known = [name for name in NAMING_COLUMNS if name in columns]
        identifier = [name for name in IDENTIFIERS if name in columns][:1]
        return expectation.named_by or tuple(identifier or known[:COLUMNS_NAMED])


def _of_texts(expectation: Expectation, table: str, texts: Sequence[str]) -> Expectation:
    """The same rule about the text columns of one table."""
    measures = [
        expectation.measure.replace("{text}", f"{sql.identifier(text)}::varchar") for text in texts
    ]
    return _naming(expectation, table, " + ".join(measures))


def _of_size(expectation: Expectation, table: str) -> Expectation:
    """The same rule about the size of one table."""
    measure = expectation.measure.replace("{table_name}", sql.literal(table))
    return _naming(expectation, table, measure)


def _naming(expectation: Expectation, table: str, measure: str) -> Expectation:
    return replace(
        expectation,
        name=f"{table}: {expectation.name}",
        sentence=f"{table}: {expectation.sentence}",
        measure=measure,
        condition="",
    )


def never(condition: str, *, sentence: str, owner: str, name: str = "") -> Expectation:
    """No row may satisfy a SQL condition over the table's columns."""
    return Expectation(
        name=name or f"never: {' '.join(condition.split())}",
        sentence=sentence,
        owner=owner,
        measure=f"count(*) filter (where {condition})",
        condition=condition,
    )


def quotients(
    ratios: Mapping[str, tuple[str, str]],
    *,
    where: str = "true",
    often_unknown: Collection[str] = (),
    sentence: str,
    owner: str,
) -> Expectation:
    """Ratios are their parts divided by each other, and known wherever both parts are.

    `ratios` has the part and the whole of each, all SQL over the table's columns. A part of 0 may
    leave its ratio unknown; so may rows outside of `where`, and anything those `often_unknown`.
    """
    wrong = [
        f"{whole} > 0 and case when {ratio} is null"
        f" then {'false' if ratio in often_unknown else f'{part} <> 0'}"
        f" else abs({ratio} - ({part}) / ({whole})) > 1e-9 * greatest(1, abs({ratio})) end"
        for ratio, (part, whole) in ratios.items()
    ]
    return never(
        f"({where}) and ({' or '.join(wrong)})",
        name="ratios are their parts",
        sentence=sentence,
        owner=owner,
    )


def not_null(column: str, *, sentence: str, owner: str) -> Expectation:
    """A column is filled in every row."""
    return Expectation(
        name=f"{column} is filled",
        sentence=sentence,
        owner=owner,
        rule="column_values_to_not_be_null",
        arguments={"column": column},
        measure=f"count(*) filter (where {column} is null)",
        column=column,
        condition=f"{column} is null",
    )


def unique(*columns: str, sentence: str, owner: str) -> Expectation:
    """No two rows share the values of these columns; for a single column, none is null either."""
    key = ", ".join(columns)
    twice = f"({key}) in (select ({key}) from {{table}} group by all having count(*) > 1)"
    if len(columns) == 1:
        # Only counted: Great Expectations takes no notice of a key that is null.
        return Expectation(
            name=f"{key} is unique",
            sentence=sentence,
            owner=owner,
            measure=f"count(*) - count(distinct {key})",
            column=key,
            condition=f"{key} is null or {twice}",
        )
    return Expectation(
        name=f"{key} is unique",
        sentence=sentence,
        owner=owner,
        rule="compound_columns_to_be_unique",
        arguments={"column_list": list(columns)},
        measure=f"count(*) - count(distinct ({key}))",
        column=key,
        condition=twice,
    )


def between(
    column: str,
    low: float | None,
    high: float | None,
    *,
    sentence: str,
    owner: str,
) -> Expectation:
    """A number lies between two bounds, both included; `None` leaves a side open, null passes."""
    outside = [f"{column} < {low}"] * (low is not None) + [f"{column} > {high}"] * (
        high is not None
    )
    return Expectation(
        name=f"{column} is between {'...' if low is None else low} and "
        f"{'...' if high is None else high}",
        sentence=sentence,
        owner=owner,
        rule="column_values_to_be_between",
        arguments={"column": column, "min_value": low, "max_value": high},
        measure=f"count(*) filter (where {' or '.join(outside)})",
        column=column,
        condition=" or ".join(outside),
    )


def one_of(column: str, values: Sequence[str], *, sentence: str, owner: str) -> Expectation:
    """A column takes only these values; null passes."""
    listed = sql.text_list(list(values))
    return Expectation(
        name=f"{column} has a known value",
        sentence=sentence,
        owner=owner,
        rule="column_values_to_be_in_set",
        arguments={"column": column, "value_set": list(values)},
        measure=f"count(*) filter (where {column} not in {listed})",
        column=column,
        condition=f"{column} not in {listed}",
    )


def refers_to(column: str, table: str, key: str, *, sentence: str, owner: str) -> Expectation:
    """Every value of a column exists as `key` of another published table; null passes."""
    return Expectation(
        name=f"{column} exists in {table}",
        sentence=sentence,
        owner=owner,
        measure=(
            f"(select count(*) from {{table}} as child where child.{column} is not null "
            f"and not exists (select 1 from {table} as parent "
            f"where parent.{key} = child.{column}))"
        ),
        column=column,
        condition=(
            f"{column} is not null and {column} not in "
            f"(select {key} from {table} where {key} is not null)"
        ),
    )


def keeps_rows(share: float, *, table: str, sentence: str, owner: str) -> Expectation:
    """The table has at least this share (0..1) of the rows it had in the release before."""
    return Expectation(
        name=f"keeps {share:.0%} of its rows",
        sentence=sentence,
        owner=owner,
        measure=(
            f"greatest((select ceil(count(*) * {share}) from earlier.{table})::bigint"
            " - count(*), 0)"
        ),
        is_about_the_past=True,
    )
