"""The first step of a funnel needs the name or the address that it has in the data."""

from expectations.suite import Suite, never

# Visits, leads and deals have the project's own names: where a company has none, the funnels that
# begin with them are rightly empty. Of a visit to a page the address is the company's.
_OWN_NAMES = "('session', 'lead', 'mql', 'sql', 'opportunity', 'won', 'lost')"

SUITE = Suite(
    name="audits.funnels_are_entered",
    table="funnel.funnel_conversion",
    read="counts",
    needs_seeds=True,
    query=f"""
        with entries as (
            select
                funnel,
                lower(event_or_stage) in {_OWN_NAMES} as has_own_name,
                coalesce(page_pattern, '') <> '' as has_page,
                funnel in (select funnel from funnel.funnel_conversion) as is_entered
            from seeds.funnel_steps
            where step_number::integer = 1
        )

        select
            *,
            exists (
                select 1 from core.fct_sessions where is_counted and visitor_key is not null
            ) as has_visits
        from entries
    """,
    expectations=(
        never(
            "not has_own_name and not is_entered",
            name="every funnel is entered by somebody",
            owner="digital",
            sentence="The first step of a funnel was never recorded, so the funnel has no rows."
            " Give its event or stage the name in funnel_steps that it has in the data; where the"
            " step has a page_pattern, look at that too.",
        ).as_warning(),
        never(
            "has_own_name and has_page and has_visits and not is_entered",
            name="visits begin on the page of every funnel",
            owner="digital",
            sentence="No visit began on the page with which a funnel begins, so the funnel has no"
            " rows. The page_pattern of its first step has to match the whole address of a landing"
            " page: mend it in funnel_steps, or begin with the event of the page, such as"
            " page_view.",
        ).as_warning(),
    ),
)
