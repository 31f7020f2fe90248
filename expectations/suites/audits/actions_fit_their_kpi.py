"""A corrective action is judged by its KPI in one segment, against another if it names one."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.actions_fit_their_kpi",
    table="kpi.action_follow_up",
    read="counts",
    query="""
        with segments as (
            select distinct kpi_id, dimension, segment from kpi.kpi_values where has_data
        ),

        named as (
            select
                action_id,
                kpi_id,
                dimension,
                unnest([segment, control_segment]) as segment,
                verdict = 'too_early' and review_on + 7 < getvariable('as_of')::date as is_overdue
            from kpi.action_follow_up
            where started_on < getvariable('as_of')::date
        )

        select named.action_id, segments.kpi_id is not null as is_known, named.is_overdue
        from named
        left join segments using (kpi_id, dimension, segment)
        where named.segment is not null
    """,
    expectations=(
        never(
            "not is_known",
            name="actions are about segments that there are",
            owner="marketing",
            sentence="The KPI of a corrective action has no value in its segment or its control"
            " segment, so it is too early for a verdict for ever. Mend corrective_actions.",
        ).as_warning(),
        never(
            "is_overdue and is_known",
            name="actions are judged by their review day",
            owner="marketing",
            sentence="A corrective action has no verdict a week after its review day: too few whole"
            " weeks, or too few records in them. Move review_on, or name a larger segment.",
        ).as_warning(),
    ),
)
