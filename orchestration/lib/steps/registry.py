"""Which function computes which derived table; a new one is a line here and a source in dbt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.lib.identity import update_people
from orchestration.lib.statistics.action_steps import action_effects
from orchestration.lib.statistics.alert_steps import kpi_findings
from orchestration.lib.statistics.purchase_steps import purchase_models, purchase_predictions
from orchestration.lib.statistics.steps import budget_proposals, markov_effects

# The input tables by the models' names, whose rows come in no order, and the dbt vars; the result
# has the columns that the source describes. It depends on nothing else: no clock, no file, no
# chance without a seed.
Computation = Callable[[Mapping[str, pa.Table], Mapping[str, Any]], pa.Table]


@dataclass(frozen=True)
class Update:
    """A step that changes its table in place, because computing all of it costs too much.

    `apply` gets a connection in a transaction, with the inputs as views of the models' names and
    the work database as `warehouse`; the table's full name; and the dbt vars. What it keeps for the
    next time lies in the schema `steps` of the work database, and may be lost: the result is that
    of a computation from the inputs alone.
    """

    apply: Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, Any]], None]


Step = Computation | Update

COMPUTATIONS: Mapping[str, Step] = {
    "action_effects": action_effects,
    "budget_proposals": budget_proposals,
    "identity_people": Update(update_people),
    "kpi_findings": kpi_findings,
    "markov_effects": markov_effects,
    "purchase_models": purchase_models,
    "purchase_predictions": purchase_predictions,
}
