"""Runs rules on a frame with Great Expectations; the only file that imports it.

Great Expectations' own SQL path does not work on DuckDB, so rules run on pandas frames. Everything
else knows only `validate`, which another engine could replace.
"""

import functools
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from expectations.suite import Expectation

with warnings.catch_warnings():
    # It imports pyspark where that is installed, which then warns of pandas; frames never meet it.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    import great_expectations as gx
    import great_expectations.expectations as gxe


@dataclass(frozen=True)
class Checked:
    """What Great Expectations says of one rule; `problem` is set where the rule crashed."""

    success: bool
    unexpected_count: int | None
    problem: str = ""


@functools.cache
def _batch_definition() -> Any:
    """One ephemeral context and one batch definition for the whole process."""
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("release")
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def validate(frame: pd.DataFrame, expectations: Sequence[Expectation]) -> list[Checked]:
    """One outcome per rule, in their order; a rule that cannot be run does not stop the others."""
    # Only counts are asked for: raw values would end up in results, logs and Dagster's metadata.
    counts_only = {
        "result_format": "BASIC",
        "partial_unexpected_count": 0,
        "exclude_unexpected_values": True,
    }
    checked: list[Checked | None] = [None] * len(expectations)
    runnable = []
    for position, expectation in enumerate(expectations):
        try:
            runnable.append(_rule(expectation, position))
        except Exception as error:
            checked[position] = Checked(False, None, _rule_problem(expectation, error))
    batch = _batch_definition().get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(name="suite", expectations=runnable)
    # The results come back in another order than the rules went in.
    for result in batch.validate(suite, result_format=counts_only).results:
        checked[result.expectation_config.meta["position"]] = _read_result(result)
    return [outcome or Checked(False, None, "it returned no result") for outcome in checked]


def must_be_zero(counts: Sequence[int | None]) -> list[Checked]:
    """Judges counts of offending rows, one outcome per count; an empty count is broken.

    All counts are the rows of one frame and two rules run on it: a validation costs some 20 ms
    however much there is to validate, and an audit counts hundreds of times.
    """
    frame = pd.DataFrame({"offending": pd.array(counts, dtype="Int64")})
    rules = {
        "empty": gxe.ExpectColumnValuesToNotBeNull(column="offending"),
        "offending": gxe.ExpectColumnValuesToBeBetween(
            column="offending", min_value=0, max_value=0
        ),
    }
    batch = _batch_definition().get_batch(batch_parameters={"dataframe": frame})
    found = {}
    for name, rule in rules.items():
        # Here the unexpected values are counts, and which ones is what has to be known.
        result = batch.validate(rule, result_format="COMPLETE")
        if problem := _raised(result.exception_info):
            raise RuntimeError(problem)
        found[name] = set(result.result["unexpected_index_list"] or ())
    return [
        Checked(False, None, "its count is empty")
        if position in found["empty"]
        else Checked(position not in found["offending"], count)
        for position, count in enumerate(counts)
    ]


def _rule(expectation: Expectation, position: int) -> Any:
    """The Great Expectations object of an expectation."""
    class_name = "Expect" + "".join(word.capitalize() for word in expectation.rule.split("_"))
    rule = getattr(gxe, class_name)
    return rule(**expectation.arguments, meta={"position": position})


def _rule_problem(expectation: Expectation, error: Exception) -> str:
    if isinstance(error, AttributeError):
        return f"Great Expectations has no rule {expectation.rule}"
    return f"the arguments of {expectation.rule} do not fit ({type(error).__name__})"


def _read_result(result: Any) -> Checked:
    """A result without its values; an exception inside a rule is not a failed rule."""
    problem = _raised(result.exception_info)
    if problem:
        return Checked(False, None, problem)
    count = result.result.get("unexpected_count")
    return Checked(bool(result.success), None if count is None else int(count))


def _raised(exception_info: Mapping[str, Any] | None) -> str:
    """Why a rule crashed, without values, "" if it did not.

    Great Expectations reports either one exception or one per metric, keyed by the metric.
    """
    info = exception_info or {}
    reports = [info] if "raised_exception" in info else list(info.values())
    for report in reports:
        if report["raised_exception"]:
            message = str(report["exception_message"])
            missing = re.search(r'The column "\w+" in BatchData does not exist', message)
            return missing[0] if missing else "the rule raised an exception on this column"
    return ""
