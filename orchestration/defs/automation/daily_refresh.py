"""The main job: everything, in the order of the graph."""

import dagster as dg

daily_refresh = dg.define_asset_job(
    "daily_refresh",
    selection=dg.AssetSelection.all(),
    description="From landing to a published release.",
    config={"loggers": {"file": {}}},
)
