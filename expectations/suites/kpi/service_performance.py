"""Service: how fast tickets are answered and solved, what was promised, and what customers say."""

from expectations.suite import Suite, between, never, quotients, unique

TIMES = (
    *("first_response_hours", "first_response_business_hours"),
    *("resolution_hours", "resolution_business_hours"),
)
# Nine tenths lie above the median, and a median is there where a mean is.
DISORDER = " or ".join(
    f"median_{time} < 0 or mean_{time} < 0 or p90_{time} < median_{time}"
    f" or (median_{time} is null) <> (mean_{time} is null)"
    for time in TIMES
)

SUITE = Suite(
    name="kpi.service_performance",
    table="kpi.service_performance",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "is_complete",
        "tickets",
        "replied",
        "solved",
        "ever_solved",
        "reopened",
        "median_first_response_hours",
        "p90_first_response_hours",
        "mean_first_response_hours",
        "median_first_response_business_hours",
        "p90_first_response_business_hours",
        "mean_first_response_business_hours",
        "median_resolution_hours",
        "p90_resolution_hours",
        "mean_resolution_hours",
        "median_resolution_business_hours",
        "p90_resolution_business_hours",
        "mean_resolution_business_hours",
        "sla_decided",
        "sla_met",
        "sla_met_rate",
        "backlog",
        "csat_surveys",
        "csat_answers",
        "csat_response_rate",
        "csat_satisfied",
        "csat_rate",
        "nps_answers",
        "nps_promoters",
        "nps_detractors",
        "nps",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "dimension",
            "segment",
            owner="service",
            sentence="The service of a segment appears twice for the same period.",
        ),
        never(
            "replied > tickets or ever_solved > tickets"
            " or greatest(solved, reopened) > ever_solved",
            owner="service",
            sentence="More tickets were answered or solved than came, or reopened than solved.",
        ),
        never(
            "mean_first_response_business_hours > mean_first_response_hours + 0.000001"
            " or mean_resolution_business_hours > mean_resolution_hours + 0.000001",
            owner="service",
            sentence="Business hours are longer than the hours of the clock.",
        ),
        never(
            DISORDER,
            name="times are in their order",
            owner="service",
            sentence="Times of tickets are negative, or their nine tenths lie below the median.",
        ),
        never(
            "replied = 0 and median_first_response_hours is not null"
            " or ever_solved = 0 and median_resolution_hours is not null",
            owner="service",
            sentence="Tickets that nobody answered, or solved, took a time for it.",
        ),
        never(
            "sla_met > sla_decided or sla_decided > tickets"
            " or first_response_sla_met > first_response_sla_decided"
            " or resolution_sla_met > resolution_sla_decided",
            name="no more promises are kept than made",
            owner="service",
            sentence="More promises were kept than were made.",
        ),
        never(
            "backlog < 0",
            owner="service",
            sentence="More tickets were solved than had come.",
        ),
        between(
            "csat_rate",
            0,
            1,
            owner="service",
            sentence="A satisfaction rate is not between 0 and 100 percent.",
        ),
        between(
            "nps",
            -100,
            100,
            owner="service",
            sentence="A recommendation score is not between -100 and 100.",
        ),
        never(
            "csat_answers > csat_surveys or nps_answers > nps_surveys",
            owner="service",
            sentence="More answers came than surveys were sent.",
        ),
        quotients(
            {
                "reopened_rate": ("reopened", "ever_solved"),
                "first_response_sla_met_rate": (
                    "first_response_sla_met",
                    "first_response_sla_decided",
                ),
                "resolution_sla_met_rate": ("resolution_sla_met", "resolution_sla_decided"),
                "sla_met_rate": ("sla_met", "sla_decided"),
                "csat_response_rate": ("csat_answers", "csat_surveys"),
                "csat_rate": ("csat_satisfied", "csat_answers"),
                "nps_response_rate": ("nps_answers", "nps_surveys"),
                "nps": ("100 * (nps_promoters - nps_detractors)", "nps_answers"),
            },
            owner="service",
            sentence="A rate of service is not what its parts make, or is missing.",
        ),
    ),
)
