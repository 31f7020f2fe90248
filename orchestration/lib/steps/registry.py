"""Which function computes which derived table; a new one is a line here and a source in dbt."""

from collections.abc import Mapping

from orchestration.lib.identity import update_people
from orchestration.lib.statistics.action_steps import action_effects
from orchestration.lib.statistics.alert_steps import kpi_findings
from orchestration.lib.statistics.purchase_steps import purchase_models, purchase_predictions
from orchestration.lib.statistics.steps import budget_proposals, markov_effects
from orchestration.lib.steps.step import Step, Update

COMPUTATIONS: Mapping[str, Step] = {
    "action_effects": action_effects,
    "budget_proposals": budget_proposals,
    "identity_people": Update(update_people),
    "kpi_findings": kpi_findings,
    "markov_effects": markov_effects,
    "purchase_models": purchase_models,
    "purchase_predictions": purchase_predictions,
}
