"""Support tickets and how long they waited."""

from expectations.suite import Suite, keeps_rows, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.fct_tickets",
    table="core.fct_tickets",
    read="counts",
    columns=(
        "ticket_key",
        "ticket_id",
        "customer_key",
        "created_date",
        "channel",
        "priority",
        "first_response_hours",
        "resolution_hours",
    ),
    expectations=(
        unique(
            "ticket_key",
            owner="data",
            sentence="A ticket appears twice, so the help desk looks busier than it is.",
        ),
        not_null(
            "created_date",
            owner="service",
            sentence="A ticket has no date and is missing from every period.",
        ),
        refers_to(
            "customer_key",
            "core.dim_customers",
            "customer_key",
            owner="data",
            sentence="A ticket belongs to a customer who is not in the customer list.",
        ),
        never(
            "first_response_hours < 0 or resolution_hours < 0",
            owner="service",
            sentence="A ticket was answered before it was opened.",
        ),
        never(
            "first_replied_at < created_at or solved_at < created_at",
            owner="service",
            sentence="A ticket was answered before it was opened; its wait is left out.",
        ).as_warning(),
        never(
            "created_at > getvariable('as_of') + interval 1 day",
            owner="service",
            sentence="A ticket lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_tickets",
            owner="data",
            sentence="Half of the tickets of the previous release are gone.",
        ),
    ),
)
