"""Checks of the seeds that tell visits apart: channels, campaigns, pages, steps and programs."""

import re
from collections.abc import Iterator

from orchestration.lib.seed_checks.cells import spelled_twice
from orchestration.lib.seed_checks.tables import Row, Table, Tables
from orchestration.lib.seed_checks.values import lowered, pattern_problem, type_problem

# Stages of a lead or a deal in a funnel; those of a company's own pipeline are not known here.
STAGES = ("lead", "mql", "sql", "opportunity", "won", "lost")

# Attribution keeps a path's channels as bits 1 to 62 of an integer; three are what no rule names.
MAX_CHANNELS = 59


def channel_rules(table: Table, _: Tables) -> Iterator[str]:
    """Contradicting, reserved or too many channels; rules that never apply; no last catch-all."""
    conditions = [
        name for name in table.seed.columns
        if name.endswith("_pattern") or name in ("source_category", "click_id_type")
    ]  # fmt: skip
    first_seen: dict[str, tuple[int, Row]] = {}
    yield from spelled_twice(table, "channel", "channel; write that.")
    for line, row in table.rows:
        if row["channel"].lower() == "all" or row["channel"].startswith("("):
            problem = f"{row['channel']!r} is what reports call the whole or the unknown"
            yield table.at(line, "channel", f"{problem}; name the channel otherwise.")
        if row["channel"] not in first_seen and len(first_seen) == MAX_CHANNELS:
            yield table.at(
                line,
                "channel",
                f"{row['channel']!r} is one channel more than {MAX_CHANNELS}; "
                "tell its visits apart by their campaigns.",
            )
        before, other = first_seen.setdefault(row["channel"], (line, row))
        for column in ("channel_group", "is_paid"):
            if row[column] != other[column]:
                problem = (
                    f"{row[column]!r}, but line {before} says {other[column]!r} of the channel "
                    f"{row['channel']!r}; write the same in both."
                )
                yield table.at(line, column, problem)
        if row["click_id_type"] != row["click_id_type"].lower():
            problem = f"{row['click_id_type']!r} has capitals; write it in lower case."
            yield table.at(line, "click_id_type", problem)
    ordered = sorted(
        (int(row["priority"]), line, row)
        for line, row in table.rows
        if not type_problem(row["priority"], "bigint")
    )
    earlier: dict[tuple[str, ...], int] = {}
    for _priority, line, row in ordered:
        asked = tuple(row[name].lower() for name in conditions)
        if any(asked) and earlier.setdefault(asked, line) != line:
            yield (
                f"{table.seed.file}, line {line}: has the conditions of line {earlier[asked]}, "
                "which comes first, and so never applies; change or remove one of the two."
            )
    open_rules = [line for _, line, row in ordered if not any(row[name] for name in conditions)]
    if ordered and (not open_rules or open_rules[-1] != ordered[-1][1]):
        yield (
            f"{table.seed.file}, line {ordered[-1][1]}: the rule with the largest priority has "
            "conditions; end with one that has none, such as Unassigned."
        )
    for line in open_rules:
        if line != ordered[-1][1]:
            yield (
                f"{table.seed.file}, line {line}: a rule without conditions hides every rule "
                "after it; give it a condition or the largest priority."
            )


def source_categories(table: Table, _: Tables) -> Iterator[str]:
    """Sources that no visit can have: hosts are compared in lower case, without scheme and www."""
    for line, row in table.rows:
        source = row["source"]
        bare = re.sub(r"^[a-z]+://|^www\.|/.*$", "", re.sub(r"^[a-z]+://", "", source.lower()))
        if source and source != bare:
            yield table.at(line, "source", f"{source!r} is never compared with; write {bare}.")


def campaign_aliases(table: Table, _: Tables) -> Iterator[str]:
    """Names that mean two campaigns, or a campaign that is itself an alias."""
    meant: dict[str, tuple[str, int]] = {}
    for line, row in table.rows:
        name = row["raw_campaign"].lower()
        campaign, other = meant.setdefault(name, (row["campaign"], line))
        if campaign != row["campaign"]:
            problem = f"means {campaign!r} in line {other}; keep one of the two."
            yield table.at(line, "raw_campaign", f"{row['raw_campaign']!r} {problem}")
    for line, row in table.rows:
        further = meant.get(row["campaign"].lower())
        if further and further[0].lower() != row["campaign"].lower():
            problem = f"{row['campaign']!r} is an alias in line {further[1]}; write {further[0]!r}."
            yield table.at(line, "campaign", problem)


def funnel_steps(table: Table, _: Tables) -> Iterator[str]:
    """Steps not numbered 1, 2, 3 ..., or that one event takes at once; limits that differ."""
    yield from spelled_twice(table, "funnel", "funnel; write that.")
    yield from _step_names(table)
    funnels: dict[str, list[tuple[int, Row]]] = {}
    for line, row in table.rows:
        if not type_problem(row["step_number"], "bigint"):
            funnels.setdefault(row["funnel"], []).append((line, row))
    for funnel, rows in funnels.items():
        rows.sort(key=lambda item: int(item[1]["step_number"]))
        limit = rows[0][1]["max_days_from_entry"]
        for number, (line, row) in enumerate(rows, start=1):
            if int(row["step_number"]) != number:
                problem = (
                    f"'{row['step_number']}' where {funnel!r} comes to step {number}; "
                    "number a funnel's steps 1, 2, 3 without gaps or repeats."
                )
                yield table.at(line, "step_number", problem)
                break
        taken: dict[tuple[str, str], str] = {}
        for line, row in rows:
            if row["page_pattern"] and lowered(row["event_or_stage"]) in STAGES:
                problem = f"{row['page_pattern']!r}, but the stage {row['event_or_stage']!r}"
                yield table.at(line, "page_pattern", f"{problem} has no page; leave it empty.")
            what = (lowered(row["event_or_stage"]), row["page_pattern"])
            if what in taken:
                problem = (
                    f"{row['event_or_stage']!r} is step {taken[what]} of {funnel!r} already, and "
                    "one event would take both; tell them apart by a page_pattern."
                )
                yield table.at(line, "event_or_stage", problem)
            taken.setdefault(what, row["step_number"])
        for line, row in rows:
            days = row["max_days_from_entry"]
            if days != limit:
                problem = f"'{days}' where step 1 of {funnel!r} has {limit}; write {limit}."
                yield table.at(line, "max_days_from_entry", problem)
            elif not type_problem(days, "bigint") and int(days) < 1:
                problem = f"'{days}' leaves no time; write at least 1."
                yield table.at(line, "max_days_from_entry", problem)


def _step_names(table: Table) -> Iterator[str]:
    """Names that two steps of a funnel have: a report by names adds them up."""
    named: dict[tuple[str, str], int] = {}
    for line, row in table.rows:
        other = named.setdefault((row["funnel"], row["step"].lower()), line)
        if row["step"] and other != line:
            problem = f"{row['step']!r} is the step of line {other}, too; give each its own name."
            yield table.at(line, "step", problem)


def page_rules(table: Table, _: Tables) -> Iterator[str]:
    """Patterns that no path can match: it begins with a slash, ends without one, has no query."""
    for line, row in table.rows:
        pattern = row["path_pattern"]
        if re.match(r"\w", pattern):
            problem = f"{pattern!r} matches no path, which begins with a slash"
            remedy = "write /... as after the host" if "://" in pattern else f"write /{pattern}"
        elif len(pattern) > 1 and pattern.endswith("/"):
            problem = f"{pattern!r} matches no path, which ends without a slash"
            remedy = f"write {pattern.rstrip('/')}"
        elif r"\?" in pattern:
            problem = f"{pattern!r} matches no path, which ends before the question mark"
            remedy = "leave out what follows it"
        else:
            continue
        yield table.at(line, "path_pattern", f"{problem}; {remedy}.")


def bot_user_agents(table: Table, _: Tables) -> Iterator[str]:
    """Patterns that miss the very program that they are for."""
    for line, row in table.rows:
        pattern = row["user_agent_pattern"]
        if pattern_problem(pattern) or not row["example"]:
            continue
        if not re.fullmatch(pattern, row["example"], re.IGNORECASE):
            problem = f"{row['example']!r} is not matched by {pattern!r} as a whole"
            yield table.at(line, "example", f"{problem}; correct one of the two.")
