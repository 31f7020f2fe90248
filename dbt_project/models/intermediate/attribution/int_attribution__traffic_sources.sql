-- Each distinct traffic source once, with the channel of the first rule that matches it: patterns
-- run over the few distinct values, never over the visits.
with observed as (
    select
        traffic_source_key,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_sessions__sessions_combined') }}
    union
    select
        traffic_source_key,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_sessions__campaign_changes') }}
    union
    select
        traffic_source_key,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_core__leads_sourced') }}
    union
    select
        traffic_source_key,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_core__ad_spend_valued') }}
    union
    select
        traffic_source_key,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_attribution__campaign_touches') }}
),

-- Spellings that differ in case or accents are one campaign, by its alias or else under the
-- spelling that sorts first.
campaigns as (
    select
        campaign,
        spelling,
        min(campaign) over (partition by spelling) as first_campaign
    from (
        select distinct
            campaign,
            {{ folded('campaign') }} as spelling
        from observed
    ) as distinct_campaigns
),

alias_targets as (
    select
        {{ folded('raw_campaign') }} as raw_spelling,
        {{ folded('campaign') }} as spelling,
        min(campaign) over (partition by {{ folded('campaign') }}) as campaign
    from {{ ref('campaign_aliases') }}
),

-- What an alias stands for is written as it says in any spelling, also where no alias is needed.
aliases as (
    select
        spelling,
        coalesce(min(case when is_raw then campaign end), min(campaign)) as campaign
    from (
        select
            raw_spelling as spelling,
            campaign,
            true as is_raw
        from alias_targets
        union all
        select
            spelling,
            campaign,
            false as is_raw
        from alias_targets
    ) as named_spellings
    group by spelling
),

rules as (
    select
        priority,
        channel,
        channel_group,
        source_pattern,
        medium_pattern,
        campaign_pattern,
        source_category,
        click_id_type
    from {{ ref('channel_rules') }}
),

-- A source is listed by its host or name, else without the prefix of a mobile or country site, else
-- by the name that a country's domain carries: www.google.co.uk is google.
sources as (
    select
        source,
        regexp_replace(source, '^(www|m|l|lm|mobile|out|old|web|[a-z]{2})[.]', '') as bare_source
    from (select distinct source from observed) as distinct_sources
),

spellings as (
    select
        source,
        source as spelling,
        1 as preference
    from sources
    union all
    select
        source,
        bare_source as spelling,
        2 as preference
    from sources
    union all
    select
        source,
        regexp_extract(
            bare_source,
            '^([a-z0-9-]{3,})[.](?:(?:co|com|net|org|ne|or)[.])?[a-z]{2,}{{ text_end() }}',
            1
        ) as spelling,
        3 as preference
    from sources
),

categories as (
    select
        spellings.source,
        source_categories.category
    from spellings
    inner join {{ ref('source_categories') }} as source_categories
        on spellings.spelling = source_categories.source
    qualify
        row_number() over (
            partition by spellings.source
            order by spellings.preference nulls last, spellings.spelling nulls last
        ) = 1
),

described as (
    select
        observed.traffic_source_key,
        observed.source,
        observed.medium,
        coalesce(aliases.campaign, campaigns.first_campaign) as campaign,
        observed.click_id_type,
        categories.category as source_category
    from observed
    left join campaigns on observed.campaign = campaigns.campaign
    left join aliases on campaigns.spelling = aliases.spelling
    left join categories on observed.source = categories.source
),

matched as (
    select
        described.traffic_source_key,
        min(rules.priority) as priority
    from described
    inner join rules
        on
            (
                rules.source_pattern is null
                or {{ full_match('described.source', 'rules.source_pattern') }}
            )
            and (
                rules.medium_pattern is null
                or {{ full_match('described.medium', 'rules.medium_pattern') }}
            )
            and (
                rules.campaign_pattern is null
                or {{ full_match('described.campaign', 'rules.campaign_pattern') }}
            )
            and (
                rules.source_category is null
                or described.source_category = rules.source_category
            )
            and (
                rules.click_id_type is null
                or {{ full_match('described.click_id_type', 'rules.click_id_type') }}
            )
    group by described.traffic_source_key
),

classified as (
    select
        described.traffic_source_key,
        described.source,
        described.medium,
        described.campaign,
        described.click_id_type,
        described.source_category,
        coalesce(rules.channel, 'Unassigned') as channel,
        coalesce(rules.channel_group = 'Direct', false) as is_direct
    from described
    left join matched on described.traffic_source_key = matched.traffic_source_key
    left join rules on matched.priority = rules.priority
)

select * from classified
