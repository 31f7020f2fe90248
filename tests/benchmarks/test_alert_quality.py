"""How often alerts and follow-ups are right, on simulated histories; written to docs/benchmarks.md.

The same trials as in tests/unit/statistics, on more histories.
None of them is one that the methods were made with.
"""

import numpy as np

from tests.benchmarks.report import write
from tests.unit.statistics.simulated_company import BUSINESS_CHANGES, CONVERSION
from tests.unit.statistics.trials import (
    FAULTS,
    HISTORY,
    JUDGED,
    action,
    alerts_about_refunds,
    confusion,
    days_until_told,
    false_alarms,
    shares,
    told,
    told_of_rise,
)

CLEAN, TRIALS, LASTING, RUNS = 20, 10, 40, 400


def test_alerts_and_follow_ups_on_simulated_histories() -> None:
    alarms = [false_alarms(seed) for seed in range(600, 600 + CLEAN)]
    planted = [told(seed, FAULTS) for seed in range(500, 500 + TRIALS)]
    changed = [told(seed, BUSINESS_CHANGES) for seed in range(500, 500 + TRIALS)]
    trials = [*planted, *changed]
    said = [pair for trial in planted for pair in trial.said]
    classes = [pair for trial in trials for pair in trial.classes]
    right = sum(real == guessed for real, guessed in classes)
    lines = [
        f"* **False alarms:** {sum(alarms)} in {CLEAN} times 200 days without a fault, of 87 series"
        f" each; at most {max(alarms)} in one of them.",
        f"* **Found:** {sum(cause != 'missed' for _, cause in said)} of {len(said)} planted faults;"
        f" of all that was found, {right} of {len(classes)} were rightly told to be a fault of the"
        " data or a change of the business.",
        f"* **Answering nothing:** {sum(trial.surplus for trial in trials)} further alerts in"
        f" {len(trials)} times 200 days, most of them echoes of a large change.",
        "",
        *confusion(trials),
        "",
    ]
    lines += [
        "A change that stays, in a shop of so many visits a day: of how many histories it is told "
        "within four weeks, and after how many days in the middle of these.",
        "",
        "| change | visits | orders | told | days |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, kind in (("3 of 10 orders less", "fewer_convert"), ("15 % dearer", "price_rise")):
        for visits in (250, 420, 1000):
            days = [days_until_told(seed, kind, visits) for seed in range(900, 900 + LASTING)]
            seen = [one for one in days if one is not None]
            middle = f"{np.median(seen):.0f}" if seen else ""
            orders = visits * CONVERSION
            lines.append(
                f"| {name} | {visits} | {orders:.0f} | {len(seen)} of {LASTING} | {middle} |"
            )
    lines += [
        "",
        "A wave of refunds in a shop of 25 orders a day, where so many come in a week: of how many "
        "histories it is told within its week; and alerts beside it, in all of them.",
        "",
        "| refunds a week | 20 on one day | 3 on each of 7 days | further alerts | alerts where 40 "
        "come on a day of each month |",
        "|---:|---:|---:|---:|---:|",
    ]
    for a_week in (1, 2, 5, 10):
        waves = [
            [told_of_rise(seed, a_week, wave) for seed in range(900, 900 + LASTING)]
            for wave in ((20,), (3,) * 7)
        ]
        hits = [f"{sum(hit for hit, _ in wave)} of {LASTING}" for wave in waves]
        beside = sum(further for wave in waves for _, further in wave)
        monthly = sum(
            len(
                alerts_about_refunds(
                    seed, a_week, dict.fromkeys(range(15, HISTORY + JUDGED, 30), 40)
                )
            )
            for seed in range(900, 900 + LASTING)
        )
        lines.append(f"| {a_week} | {hits[0]} | {hits[1]} | {beside} | {monthly} |")
    lines += [
        "",
        "| action | improved | worsened | interval holds the truth |",
        "|---|---|---|---|",
    ]
    for name, true, window, more in (
        ("no effect, control segment, 13 weeks", 0.0, 13, {}),
        ("no effect, control segment, 26 weeks", 0.0, 26, {}),
        ("no effect, own trend, 13 weeks", 0.0, 13, {"with_control": False}),
        ("no effect, a sum of money, 13 weeks", 0.0, 13, {"is_ratio": False}),
        ("20 % up, control segment, 13 weeks", 0.2, 13, {}),
        ("15 % up, control segment, 26 weeks", 0.15, 26, {}),
        ("30 % up, a sum of money, 13 weeks", 0.3, 13, {"is_ratio": False}),
        ("30 % up, own trend, 13 weeks", 0.3, 13, {"with_control": False}),
    ):
        found = [action(seed, true, window=window, **more) for seed in range(10_000, 10_000 + RUNS)]
        improved, worsened = shares(found)
        held = np.mean([one.found.lower <= true <= one.found.upper for one in found])
        lines.append(f"| {name} | {improved:.1%} | {worsened:.1%} | {held:.1%} |")
    lines += [
        "",
        f"Each line of actions is {RUNS} histories of 2,500 visits a week that convert at 6 %.",
    ]
    write("Alerts and corrective actions on simulated histories", lines)
    assert sum(alarms) <= CLEAN
