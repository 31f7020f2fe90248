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

        begun as (
            select * from kpi.action_follow_up
            where started_on < getvariable('as_of')::date
        )

        select
            own.kpi_id is not null as is_segment_known,
            begun.control_segment is null or control.kpi_id is not null as is_control_known
        from begun
        left join segments as own
            on
                begun.kpi_id = own.kpi_id
                and begun.dimension = own.dimension
                and begun.segment = own.segment
        left join segments as control
            on
                begun.kpi_id = control.kpi_id
                and begun.dimension = control.dimension
                and begun.control_segment = control.segment
    """,
    expectations=(
        never(
            "not is_segment_known or not is_control_known",
            name="actions are about segments that there are",
            owner="marketing",
            sentence="The KPI of a corrective action has no value in its segment or its control"
            " segment, so it is too early for a verdict for ever. Mend corrective_actions.",
        ).as_warning(),
    ),
)
