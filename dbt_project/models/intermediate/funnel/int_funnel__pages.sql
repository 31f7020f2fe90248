-- Patterns run over the few distinct paths, never over the views. Without a rule a page goes by the
-- first part of its path, if that is a plain word: numbers, addresses and names of people are not.
with paths as (
    select {{ url_path('page_url') }} as page_path
    from {{ ref('int_sessions__events_sessionised') }}
    where page_url is not null

    union

    select {{ url_path('landing_page') }} as page_path
    from {{ ref('stg_web__sessions') }}
    where landing_page is not null
),

rules as (
    select
        priority,
        path_pattern,
        page
    from {{ ref('page_rules') }}
),

matched as (
    select
        paths.page_path,
        min(rules.priority) as priority
    from paths
    inner join rules on {{ full_match('paths.page_path', 'rules.path_pattern') }}
    group by paths.page_path
),

parts as (
    select
        page_path,
        nullif(
            regexp_extract(page_path, '^/([a-z][a-z_-]{1,29})(?:/|{{ text_end() }})', 1), ''
        ) as first_part
    from paths
),

named as (
    select
        parts.page_path,
        coalesce(
            rules.page,
            case
                when parts.page_path = '/' then '/'
                when parts.page_path = '/' || parts.first_part then parts.page_path
                when parts.first_part is not null then '/' || parts.first_part || '/*'
            end,
            '/*'
        ) as page
    from parts
    left join matched on parts.page_path = matched.page_path
    left join rules on matched.priority = rules.priority
)

select * from named
