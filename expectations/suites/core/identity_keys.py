"""Identifiers and the people whose they are."""

from expectations.suite import Suite, keeps_rows, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.identity_keys",
    table="core.identity_keys",
    read="counts",
    columns=(
        "identifier_key",
        "person_key",
        "kind",
        "is_current",
        "first_seen_at",
        "merged_on",
    ),
    expectations=(
        unique(
            "identifier_key",
            owner="data",
            sentence="An identifier appears twice, so a person is followed to two places.",
        ),
        not_null(
            "person_key",
            owner="data",
            sentence="An identifier belongs to nobody.",
        ),
        refers_to(
            "person_key",
            "core.identity_keys",
            "identifier_key",
            owner="data",
            sentence="A person is named by a key that is no identifier.",
        ),
        never(
            "is_current <> (identifier_key = person_key)",
            owner="data",
            sentence="A key is called current that names no person, or not current though it does.",
        ),
        never(
            "is_current and merged_on is not null",
            owner="data",
            sentence="A person who was merged into another still has a key of their own.",
        ),
        keeps_rows(
            0.5,
            table="core.identity_keys",
            owner="data",
            sentence="Half of the identifiers of the previous release are gone.",
        ),
    ),
)
