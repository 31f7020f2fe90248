"""One build of all models: dbt's phases and the driver steps between them, in one session."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from orchestration.lib import dbt, points
from orchestration.lib.ingestion import damage
from orchestration.lib.steps.plan import DERIVED_SCHEMA, DerivedTable, Phase
from orchestration.lib.steps.step import Step
from orchestration.lib.steps.tables import StepError, run_step

# Unit tests try the logic on made-up rows: they belong to `make test`, not to a refresh.
LEFT_OUT: tuple[str, ...] = ("unit_test",)


class Build:
    """The engine's session, begun by the first phase or step and kept until the build is closed.

    Spark takes longer to start than most phases to run, so one session serves them all.
    """

    def __init__(
        self,
        project: dbt.DbtProject,
        variables: Mapping[str, Any],
        computations: Mapping[str, Step],
        before: Callable[[], object] = lambda: None,
    ) -> None:
        """`before` is called once, before the engine takes the raw tables over."""
        self._project = project
        self._variables = variables
        self._computations = computations
        self._before = before
        self._session: contextlib.ExitStack | None = None

    def run_phase(self, phase: Phase, on_event: Callable[[dict[str, Any]], None]) -> None:
        """Runs `dbt build` over a phase; `on_event` gets each node's result as JSON.

        Raises `DbtError` naming the failed models and tests, and `DamagedError`.
        """
        self._begin()
        arguments = ["build", *phase.selection]
        for kind in LEFT_OUT:
            arguments += ["--exclude-resource-type", kind]
        with damage.noticed(self._project.engine.settings.database):
            dbt.run(self._project, arguments, self._variables, on_event)
        points.reached("phase built")

    def run_step(self, table: DerivedTable) -> int:
        """Computes a derived table and hands it to the engine; gives its number of rows.

        Raises `StepError` where no function computes it or the function gave another table, and
        `DamagedError`.
        """
        if table.name not in self._computations:
            raise StepError(f"No function computes {table.name}; add it to steps/registry.py.")
        self._begin()
        engine = self._project.engine
        variables = {**dbt.declared_variables(self._project), **self._variables}
        with damage.noticed(engine.settings.database):
            rows = run_step(engine, table, self._computations[table.name], variables)
        points.reached("step computed")
        engine.hand_over(DERIVED_SCHEMA, table.name, dbt.macro_runner(self._project))
        points.reached("step handed over")
        return rows

    def close(self) -> None:
        """Ends the session, if one was begun."""
        if self._session is not None:
            session, self._session = self._session, None
            session.close()

    def _begin(self) -> None:
        if self._session is not None:
            return
        with damage.noticed(self._project.engine.settings.database):
            self._before()
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._project.engine.session())
            dbt.prepare(self._project)
            self._session = stack.pop_all()
