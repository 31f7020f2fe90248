"""The catalogue of KPIs: each with its names, and with what is wrong with it as it stands."""

from expectations.suite import Suite, never, one_of, unique

SUITE = Suite(
    name="kpi.kpi_definitions",
    table="kpi.kpi_definitions",
    columns=(
        "kpi_id",
        "name_en",
        "name_fr",
        "description_en",
        "description_fr",
        "objective_id",
        "numerator",
        "denominator",
        "unit",
        "direction",
        "grains",
        "dimensions",
        "is_additive",
        "is_selected",
        "is_measurable",
        "missing_numerator",
        "missing_denominator",
        "has_objective",
        "is_target_realistic",
        "lost_targets",
    ),
    expectations=(
        unique(
            "kpi_id",
            owner="data",
            sentence="A KPI is defined twice.",
        ),
        never(
            "'' in (coalesce(trim(name_en), ''), coalesce(trim(name_fr), ''),"
            " coalesce(trim(description_en), ''), coalesce(trim(description_fr), ''))",
            name="names and descriptions are there in both languages",
            owner="data",
            sentence="A KPI has no name or no definition in one of the two languages.",
        ),
        one_of(
            "direction",
            ("up", "down", "range"),
            owner="data",
            sentence="It is not said whether more or less of a KPI is better.",
        ),
        never(
            "is_measurable is null or has_objective is null",
            owner="data",
            sentence="It is not known whether a KPI can be measured, or what it is for.",
        ),
        never(
            "is_selected and not is_measurable"
            " and coalesce(missing_numerator, missing_denominator) is not null",
            name="what a selected KPI is made of is delivered",
            owner="data",
            sentence="A KPI of the scorecard has no value: what missing_numerator or"
            " missing_denominator names has no data.",
        ).as_warning(),
        never(
            "is_selected and not is_measurable"
            " and coalesce(missing_numerator, missing_denominator) is null",
            name="a selected KPI can be measured",
            owner="data",
            sentence="A KPI of the scorecard has no value yet: its data are there, but none of its"
            " periods is complete.",
        ).as_warning(),
        never(
            "not is_target_realistic",
            name="targets are within reach",
            owner="management",
            sentence="A target lies far outside what its KPI has ever been.",
        ).as_warning(),
        never(
            "lost_targets > 0",
            name="targets are held against something",
            owner="management",
            sentence="A target counts nowhere: no list names its rep or team in its period, its KPI"
            " has no such segment, or its currency no rate. lost_segment and the columns beside it"
            " name one: mend its row of kpi_targets, or the list that it is missing from.",
        ).as_warning(),
        never(
            "is_selected and not has_objective",
            name="a selected KPI serves an objective",
            owner="management",
            sentence="A KPI of the scorecard serves no objective.",
        ).as_warning(),
    ),
)
