"""No source delivers a row under two spellings of its number, such as 12345 and 12345.0."""

from expectations.suite import Suite, never
from expectations.suites.audits.facts_hold_what_came import KEYS

# Zeros before a number may tell two rows apart, an added .0 hardly does.
SUITE = Suite(
    name="audits.rows_have_one_spelling",
    table="core.fct_orders",
    read="counts",
    query=" union all ".join(
        f"""
        select '{raw}' as raw_table, '{column}' as part, source_name, count(*) as numbers_twice
        from (
            select source_name, regexp_extract({column}, '^''?([0-9]+)([.]0+)?$', 1) as number
            from core.{fact}
            group by 1, 2
            having number <> '' and count(distinct {column}) > 1
        )
        group by source_name
        """
        for fact, raw, column, _ in KEYS
    ),
    expectations=(
        never(
            "numbers_twice > 0",
            name="a row has one spelling of its number",
            owner="data",
            sentence="Rows of a source came under two spellings of their number, 12345 and 12345.0,"
            " and count twice. Write it alike in source.yaml, `make rebuild`, `make refresh`.",
        )
        .telling("raw_table", "part", "source_name")
        .as_warning(),
    ),
)
