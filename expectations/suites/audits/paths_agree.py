"""A conversion's path is told as long, and from the first to the last channel, as its touches."""

from expectations.suite import Suite, never

# Of a touch that no model gives anything there is no row; then nothing is compared.
SUITE = Suite(
    name="audits.paths_agree",
    table="attribution.conversion_paths",
    read="counts",
    query="""
        select
            paths.conversion_type,
            paths.touches,
            paths.path_length,
            paths.first_channel,
            paths.last_channel,
            credited.path_length as touches_credited,
            credited.first_channel as first_credited,
            credited.last_channel as last_credited
        from attribution.conversion_paths as paths
        inner join (
            select
                conversion_type,
                conversion_key,
                max(path_length) as path_length,
                max(channel) filter (position <= 1) as first_channel,
                max(channel) filter (position = path_length) as last_channel
            from attribution.attributed_touches
            group by conversion_type, conversion_key
        ) as credited
            on
                paths.conversion_type = credited.conversion_type
                and paths.conversion_key = credited.conversion_key
    """,
    expectations=(
        never(
            "touches <> touches_credited or path_length <> touches_credited",
            name="a path is as long as its touches",
            owner="marketing",
            sentence="A conversion has more or fewer touches than are credited with it.",
        ).telling("conversion_type"),
        never(
            "first_channel <> first_credited or last_channel <> last_credited",
            name="a path begins and ends with its touches",
            owner="marketing",
            sentence="A path began or ended with another channel than its first or last touch.",
        ).telling("conversion_type"),
    ),
)
