"""Every row of every file was loaded, is in quarantine, or repeats one that was loaded."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.ledger_adds_up",
    table="core.source_health",
    read="counts",
    needs_sources=True,
    query="""
        with ledger as (
            select
                table_name,
                sum(rows_read) as read,
                sum(rows_loaded) as loaded,
                sum(rows_quarantined) as quarantined,
                sum(rows_repeated) as repeated,
                coalesce(sum(rows_loaded) filter (where status <> 'superseded'), 0) as in_force,
                coalesce(sum(rows_quarantined) filter (where status <> 'superseded'), 0) as refused
            from sources.ops.ledger
            group by table_name
        )

        select
            health.raw_table,
            coalesce(ledger.read, 0) as read,
            coalesce(ledger.loaded + ledger.quarantined + ledger.repeated, 0) as accounted,
            coalesce(ledger.in_force, 0) as in_force,
            health.rows_loaded as loaded_shown,
            coalesce(ledger.refused, 0) as refused,
            health.rows_quarantined as refused_shown,
            coalesce(
                (
                    select sum(row_count)
                    from core.quarantined_rows as reasons
                    where reasons.raw_table = health.raw_table
                ),
                0
            ) as refused_by_reason
        from core.source_health as health
        left join ledger on health.raw_table = ledger.table_name
    """,
    expectations=(
        never(
            "read <> accounted",
            owner="data",
            sentence="Rows of a file were neither loaded nor refused: they are lost.",
        ),
        never(
            "loaded_shown <> in_force or refused_shown <> refused",
            name="what is shown of sources is the ledger's",
            owner="data",
            sentence="What is published about a source is not what was loaded from it.",
        ),
        never(
            "refused_by_reason <> refused",
            name="each row that is held back has its reason",
            owner="data",
            sentence="More or fewer rows are held back than reasons are given for.",
        ),
    ),
)
