"""Identifiers that several people claim."""

from expectations.suite import Suite, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.identity_conflicts",
    table="core.identity_conflicts",
    read="counts",
    columns=("identifier_key", "kind", "person_key", "claimants", "resolution"),
    expectations=(
        unique(
            "identifier_key",
            owner="data",
            sentence="A contested identifier is listed twice.",
        ),
        not_null(
            "resolution",
            owner="data",
            sentence="It is not said what was done about a contested identifier.",
        ),
        never(
            "claimants < 2",
            owner="data",
            sentence="An identifier is called contested though only one claims it.",
        ),
        refers_to(
            "identifier_key",
            "core.identity_keys",
            "identifier_key",
            owner="data",
            sentence="A contested identifier is not in the list of identifiers.",
        ),
    ),
)
