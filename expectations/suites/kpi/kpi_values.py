"""Every KPI, for every period and segment."""

from expectations.suite import Suite, never, not_null, one_of, refers_to, unique

SUITE = Suite(
    name="kpi.kpi_values",
    table="kpi.kpi_values",
    read="counts",
    columns=(
        "kpi_id",
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "numerator",
        "denominator",
        "value",
        "sample",
        "is_complete",
        "has_data",
    ),
    expectations=(
        unique(
            "kpi_id",
            "period_grain",
            "period_start",
            "dimension",
            "segment",
            owner="data",
            sentence="A KPI has two values for the same period and segment.",
        ),
        not_null(
            "kpi_id",
            owner="data",
            sentence="A value belongs to no KPI.",
        ),
        refers_to(
            "kpi_id",
            "kpi.kpi_definitions",
            "kpi_id",
            owner="data",
            sentence="A value belongs to a KPI that nobody defined.",
        ),
        not_null(
            "segment",
            owner="data",
            sentence="A value belongs to no segment; what is unknown must be named so.",
        ),
        one_of(
            "period_grain",
            ("day", "week", "month", "quarter", "year"),
            owner="data",
            sentence="A value belongs to a kind of period that does not exist.",
        ),
        never(
            # Where nothing was billed (`billed` in the seed), what one case cost is unknown, not 0.
            "has_data and value is null and denominator is distinct from 0 and not (numerator = 0"
            " and kpi_id in (select kpi_id from kpi.kpi_definitions"
            " where numerator in ('marketing_cost', 'spend') and denominator is not null))",
            name="what has data has a value, but for costs that nobody billed",
            owner="data",
            sentence="A KPI is said to have data and shows none.",
        ),
        never(
            "not has_data and value is not null",
            owner="data",
            sentence="A KPI shows a value where there were no data.",
        ),
        never(
            "not isfinite(value)",
            owner="data",
            sentence="A KPI's value is not a number: it was divided by nothing.",
        ),
        never(
            "dimension = 'overall' and segment <> 'all'",
            owner="data",
            sentence="A company-wide value is filed under a segment.",
        ),
        never(
            "kpi_id in ('session_conversion_rate', 'lead_conversion_rate', 'cart_abandonment_rate',"
            " 'mql_rate', 'sql_rate', 'win_rate', 'csat_rate', 'sla_met_rate', 'retention_rate',"
            " 'repeat_purchase_rate', 'churn_rate') "
            "and not value between 0 and 1",
            name="rates lie between 0 and 1",
            owner="data",
            sentence="A rate is not between 0 and 100 percent.",
        ),
        never(
            "sample < 0",
            owner="data",
            sentence="A KPI rests on fewer than no cases.",
        ),
        never(
            "is_complete and period_start > getvariable('as_of')",
            owner="data",
            sentence="A period in the future is said to be complete.",
        ),
    ),
)
