"""No text of a release holds an e-mail address, whichever way it would have come there.

Ingestion takes addresses out of what sources deliver; seeds, models of one's own and rows that were
loaded before it did are what is left. Blocking: a release is read, copied and kept, so what it once
said cannot be taken back, and a day's delay can be made up for.
"""

from expectations.suite import Suite, never
from orchestration.lib.ingestion import emails

SUITE = Suite(
    name="audits.no_address_is_published",
    table="core.dim_customers",
    read="counts",
    is_about_texts=True,
    expectations=(
        never(
            emails.is_held("{text}"),
            name="no text holds an e-mail address",
            owner="data",
            sentence="An e-mail address would be published. Take it out of the rule or model where "
            "it comes from; one that was loaded long ago goes with `make rebuild`.",
        ),
    ),
)
