"""The facts whose days, rows and amounts are compared with their own past, described once.

Audits about the past ask the same of every fact; the SQL is made here from one description each.
"""

from dataclasses import dataclass
from typing import Literal

# A day counts as closed when it lay this long before the release that it is compared with: what
# comes late comes within these days.
SETTLING_DAYS = 3


@dataclass(frozen=True)
class Fact:
    """One fact table; each field is SQL over its columns.

    `instant` is when a row happened and `day` the business day of it. `amount` is in the reporting
    currency, "null" where there is none or where it is meant to change. `content` is what no two
    rows share by chance, apart from the instant; "" where they may.
    """

    table: str
    key: str
    day: str
    instant: str
    amount: str = "null"
    currency: str = "null"
    channel: str = "null"
    content: str = ""

    @property
    def name(self) -> str:
        """The table's name without its schema."""
        return self.table.partition(".")[2]


FACTS = (
    Fact(
        "core.fct_orders",
        key="order_key",
        day="order_date",
        instant="ordered_at",
        amount="net_revenue",
        currency="currency",
        content="customer_key, currency, gross_revenue, discount",
    ),
    Fact(
        "core.fct_refunds",
        key="refund_key",
        day="refund_date",
        instant="refunded_at",
        amount="refunded",
        currency="currency",
        content="order_key, refunded",
    ),
    Fact(
        "core.fct_ad_spend",
        key="ad_spend_key",
        day="spend_date",
        instant="spend_date::timestamp",
        amount="reported_spend",
        currency="currency",
        channel="channel",
    ),
    Fact(
        "core.fct_sessions",
        key="session_key",
        day="session_date",
        instant="started_at",
        channel="channel",
        content="visitor_key, channel",
    ),
    Fact(
        "core.fct_leads",
        key="lead_key",
        day="created_date",
        instant="created_at",
        channel="channel",
        content="company, country, lead_source",
    ),
    Fact(
        "core.fct_opportunities",
        key="opportunity_key",
        day="created_date",
        instant="created_at",
        currency="currency",
        content="account_name, lead_key",
    ),
    Fact(
        "core.fct_activities",
        key="activity_key",
        day="activity_date",
        instant="occurred_at",
        content="rep_key, activity_type, lead_key, opportunity_key",
    ),
    Fact(
        "core.fct_tickets",
        key="ticket_key",
        day="created_date",
        instant="created_at",
        content="customer_key, channel, topic",
    ),
    Fact(
        "core.fct_survey_responses",
        key="response_key",
        day="sent_date",
        instant="sent_at",
        content="survey, customer_key, ticket_key, order_key, lead_key",
    ),
)


# What each source brought on each day that was over before, to be made `for_each_fact`.
CLOSED_DAYS = """
    select
        '{name}' as fact,
        source_name,
        {day} as day,
        count(*) as row_count,
        sum({amount})::decimal(38, 4) as amount
    from {table}
    where {day} < getvariable('as_of_earlier')::date - {settling}
    group by all
"""


def for_each_fact(
    template: str, facts: tuple[Fact, ...] = FACTS, *, release: Literal["", "earlier."] = ""
) -> str:
    """The union of one select per fact; `{table}`, `{day}` and so on stand for its fields.

    With `release="earlier."` the tables are those of the release before.
    """
    selects = []
    for fact in facts:
        fields = vars(fact) | {"table": release + fact.table}
        selects.append(template.format(name=fact.name, settling=SETTLING_DAYS, **fields))
    return "\nunion all\n".join(selects)


def rows_by_part(since: str, *, release: Literal["", "earlier."] = "") -> str:
    """Fact, kind and name of a part (a source, a channel) and day of each row since that day."""
    by_source, by_channel = (
        f"""
        select '{{name}}' as fact, '{kind}' as kind, {part} as part, {{day}} as day
        from {{table}}
        where {{day}} >= {since}
        """
        for kind, part in (("source", "source_name"), ("channel", "{channel}"))
    )
    with_channel = tuple(fact for fact in FACTS if fact.channel != "null")
    return (
        for_each_fact(by_source, release=release)
        + "union all"
        + for_each_fact(by_channel, with_channel, release=release)
    )
