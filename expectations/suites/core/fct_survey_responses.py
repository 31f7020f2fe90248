"""What customers answered."""

from expectations.suite import (
    Suite,
    between,
    keeps_rows,
    never,
    not_null,
    one_of,
    refers_to,
    unique,
)

SUITE = Suite(
    name="core.fct_survey_responses",
    table="core.fct_survey_responses",
    read="counts",
    columns=(
        "response_key",
        "response_id",
        "survey",
        "sent_date",
        "customer_key",
        "normalised_score",
        "score_category",
    ),
    expectations=(
        unique(
            "response_key",
            owner="data",
            sentence="An answer appears twice, so it counts twice.",
        ),
        not_null(
            "is_answered",
            owner="service",
            sentence="It is not said whether a survey was answered.",
        ),
        one_of(
            "survey",
            ("csat", "nps", "source"),
            owner="service",
            sentence="A survey is of an unknown kind.",
        ),
        between(
            "normalised_score",
            0,
            1,
            owner="service",
            sentence="A score lies outside its scale.",
        ),
        refers_to(
            "customer_key",
            "core.dim_customers",
            "customer_key",
            owner="data",
            sentence="An answer belongs to a customer who is not in the customer list.",
        ),
        refers_to(
            "ticket_key",
            "core.fct_tickets",
            "ticket_key",
            owner="data",
            sentence="An answer refers to a ticket that is not in the list of tickets.",
        ),
        never(
            "survey <> 'source' and score is not null and normalised_score is null",
            owner="service",
            sentence="A score lies outside its scale and is left out.",
        ).as_warning(),
        never(
            "score_category is null and normalised_score is not null and survey <> 'source'",
            owner="service",
            sentence="A score is neither good nor bad.",
        ),
        never(
            "answered_at < sent_at",
            owner="service",
            sentence="A survey was answered before it was sent.",
        ).as_warning(),
        never(
            "greatest(sent_at, answered_at) > getvariable('as_of') + interval 1 day",
            owner="service",
            sentence="A survey lies in the future. Leave invitations that are not sent yet out by"
            " a query in source.yaml, then `make rebuild`.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_survey_responses",
            owner="data",
            sentence="Half of the survey invitations of the previous release are gone.",
        ),
    ),
)
