"""The order of a build: dbt's models in phases, and the driver steps between them.

Read from dbt's manifest alone. A phase holds every node that needs no more steps than those before
it; after the nodes come the steps whose inputs are built now. Without a derived table there is one
phase, which is the whole project.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

DERIVED_SCHEMA = "derived"
BUILT_TYPES = ("model", "seed", "snapshot", "test")


class PlanError(ValueError):
    """The derived tables contradict themselves; the message names the table and the fix."""


@dataclass(frozen=True)
class Input:
    """A model, seed or snapshot that a step reads, as dbt knows it and where it is built."""

    unique_id: str
    schema: str
    name: str


@dataclass(frozen=True)
class DerivedTable:
    """One table that a driver step computes.

    `columns` are names and DuckDB types, `inputs` the models it is computed from.
    """

    name: str
    description: str
    columns: Mapping[str, str]
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Phase:
    """One selection of dbt's nodes, and the steps that follow it.

    `nodes` are the unique ids of its models, seeds, snapshots and data tests.
    """

    number: int
    nodes: frozenset[str]
    steps: tuple[DerivedTable, ...]
    built_before: frozenset[str]
    needed_now: frozenset[str]

    @property
    def selection(self) -> list[str]:
        """The phase as arguments of dbt's commands.

        It names the steps' inputs only: all that they are computed from, less all that earlier
        steps were. A test belongs where the last of the models that it reads is built: `cautious`
        waits for all of them.
        """
        arguments = ["--indirect-selection", "cautious"]
        if self.needed_now:
            arguments += ["--select", *sorted(f"+{name}" for name in self.needed_now)]
        if self.built_before:
            arguments += ["--exclude", *sorted(f"+{name}" for name in self.built_before)]
        return arguments


@dataclass(frozen=True)
class Plan:
    """All phases of a build, in order."""

    phases: tuple[Phase, ...]

    @cached_property
    def tables(self) -> dict[str, DerivedTable]:
        """The derived tables by name."""
        return {step.name: step for phase in self.phases for step in phase.steps}


def derived_tables(manifest: Mapping[str, Any]) -> list[DerivedTable]:
    """The derived tables that the manifest describes, by name.

    Raises `PlanError` for one that says not, or wrongly, what it is computed from.
    """
    models = {
        node["name"]: Input(unique_id, node["schema"], node["name"])
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot")
    }
    return [
        DerivedTable(
            name=source["name"],
            description=" ".join(source["description"].split()),
            columns={
                name: column["data_type"].lower() for name, column in source["columns"].items()
            },
            inputs=tuple(_inputs(source, models)),
        )
        for source in sorted(manifest["sources"].values(), key=lambda one: str(one["name"]))
        if source["schema"] == DERIVED_SCHEMA
    ]


def plan(manifest: Mapping[str, Any]) -> Plan:
    """The phases of the manifest.

    Raises `PlanError` where a derived table is, by some way, computed from itself.
    """
    tables = derived_tables(manifest)
    numbers = _Numbers(manifest, tables)
    by_phase: dict[int, set[str]] = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] in BUILT_TYPES:
            by_phase.setdefault(numbers.of_node(unique_id), set()).add(unique_id)
    steps: dict[int, list[DerivedTable]] = {}
    for table in tables:
        steps.setdefault(numbers.of_step(table), []).append(table)
    phases = []
    done: frozenset[str] = frozenset()
    for number in range(max([0, *by_phase, *(phase + 1 for phase in steps)]) + 1):
        here = tuple(steps.get(number, ()))
        ready = done | {one.name for step in here for one in step.inputs}
        phases.append(
            Phase(
                number=number,
                nodes=frozenset(by_phase.get(number, ())),
                steps=here,
                built_before=done,
                needed_now=ready if here else frozenset(),
            )
        )
        done = ready
    return Plan(tuple(phases))


class _Numbers:
    """In which phase a node is built and a step is run."""

    def __init__(self, manifest: Mapping[str, Any], tables: list[DerivedTable]) -> None:
        self._nodes = manifest["nodes"]
        self._steps = {table.name: table for table in tables}
        self._derived = {
            unique_id: self._steps[source["name"]]
            for unique_id, source in manifest["sources"].items()
            if source["schema"] == DERIVED_SCHEMA
        }
        self._of_step: dict[str, int] = {}
        self._running: list[str] = []
        # What some step is computed from, with the phase of the first step that needs it.
        self._early: dict[str, int] = {}
        for table in tables:
            number = self.of_step(table)
            for unique_id in self._ancestors(table.inputs):
                self._early[unique_id] = min(number, self._early.get(unique_id, number))
        self._last = 1 + max((self.of_step(table) for table in tables), default=-1)

    def of_step(self, table: DerivedTable) -> int:
        """The phase that a step closes: the first in which all its inputs are built."""
        if table.name in self._running:
            circle = " -> ".join([*self._running, table.name])
            raise PlanError(f"Derived tables are computed from each other: {circle}.")
        if table.name not in self._of_step:
            self._running.append(table.name)
            before = [
                self.of_step(self._derived[unique_id]) + 1
                for unique_id in self._ancestors(table.inputs)
                if unique_id in self._derived
            ]
            self._running.pop()
            self._of_step[table.name] = max(before, default=0)
        return self._of_step[table.name]

    def of_node(self, unique_id: str) -> int:
        """A model's phase: that of the first step that needs it, else the last.

        A test's: that of the last of the models that it reads.
        """
        node = self._nodes[unique_id]
        if node["resource_type"] != "test":
            return self._early.get(unique_id, self._last)
        read = [self._early.get(one, self._last) for one in node["depends_on"]["nodes"]]
        return max(read, default=self._last)

    def _ancestors(self, inputs: tuple[Input, ...]) -> Iterator[str]:
        """These nodes and everything that dbt builds or reads before them."""
        seen: set[str] = set()
        waiting = [one.unique_id for one in inputs]
        while waiting:
            unique_id = waiting.pop()
            if unique_id in seen:
                continue
            seen.add(unique_id)
            yield unique_id
            node = self._nodes.get(unique_id)
            waiting += (node or {}).get("depends_on", {}).get("nodes") or []


def _inputs(source: Mapping[str, Any], models: Mapping[str, Input]) -> list[Input]:
    named = source["meta"].get("computed_from") or []
    unknown = [name for name in named if name not in models]
    if not named or unknown:
        raise PlanError(
            f"{DERIVED_SCHEMA}.{source['name']}: computed_from is {named}; list in its meta the"
            f" models that it is computed from{', not ' + ', '.join(unknown) if unknown else ''}."
        )
    return [models[name] for name in named]
