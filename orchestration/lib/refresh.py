"""One refresh: whose data, by which clock, in which directories. Settled once, before it starts."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from orchestration.lib import dbt, progress, sentences
from orchestration.lib.build import Build
from orchestration.lib.company import Company, CompanyError, load_company, merge_seeds
from orchestration.lib.contract import Contract, load_contract
from orchestration.lib.engines import Engine, open_engine
from orchestration.lib.ingestion.personal import read_non_identifiers
from orchestration.lib.ingestion.session import Warehouse
from orchestration.lib.inputs import Inputs, fingerprint_of_code
from orchestration.lib.mendable import MendableError
from orchestration.lib.periods import Calendar, calendar_years
from orchestration.lib.publishing.releases import ReleaseError, ReleaseStore
from orchestration.lib.refresh_lock import RefreshLock
from orchestration.lib.seed_checks import check_seeds
from orchestration.lib.statements import LAST_BATCH, Rules, basis_of, take_statements
from orchestration.lib.tunables import check_vars
from orchestration.settings import (
    DBT_PROJECT_DIR,
    DEMO_COMPANY_DIR,
    PROJECT_ROOT,
    SHIPPED_SEEDS_DIR,
    Settings,
    parse_instant,
)

# A machine whose clock is a little behind another's is no reason to stop.
CLOCK_TOLERANCE = timedelta(hours=1)
# Where dbt's project is laid out, below `build/`: one that is built from, one that is only read.
BUILT, READ = "dbt", "graph"

logger = logging.getLogger(__name__)


class CodeChangedError(MendableError, RuntimeError):
    """The code is not what the refresh has read; the message says what to do."""


class ClockError(MendableError, RuntimeError):
    """The clock is behind what was published, or none that the calendar has; the message tells."""


@dataclass(frozen=True)
class Refresh:
    """What every step of a refresh needs to know; `as_of` (UTC, naive) is its only clock.

    `rules_read` is the fingerprint of code and rules from before any was read, if it was taken, and
    `code_read` that of the code alone. `folder` is where dbt's project is laid out. `done` is what
    this run has been through so far, by name: a release is made of nothing else.
    """

    settings: Settings
    company: Company
    contract: Contract
    as_of: datetime
    rules_read: str | None = None
    code_read: str | None = None
    folder: str = BUILT
    done: set[str] = field(default_factory=set, compare=False)

    @cached_property
    def inputs(self) -> Inputs:
        """What this refresh depends on, as found when it is first asked for."""
        return Inputs(self.settings, self.company, self.as_of, self.rules_read)

    @cached_property
    def engine(self) -> Engine:
        """What the models are built on; raises `SettingError` where it is not installed."""
        return open_engine(self.settings, self.settings.build / self.settings.engine)

    @cached_property
    def dbt_project(self) -> dbt.DbtProject:
        """The dbt project with this company's seeds; its folder is linked and filled here."""
        project = dbt.DbtProject(
            directory=self.settings.build / self.folder,
            engine=self.engine,
            environment={
                "WAREHOUSE_ENGINE": self.settings.engine,
                "WAREHOUSE_MERGED_SEEDS": "seeds",
                "DBT_TARGET_PATH": "target",
            },
            log_directory=self.settings.logs,
        )
        dbt.link_project(DBT_PROJECT_DIR, project.directory)
        merge_seeds(
            SHIPPED_SEEDS_DIR, self.company.seeds_dir, self.settings.seeds_dir, project.seeds
        )
        return project

    @cached_property
    def build(self) -> Build:
        """The build of the models; whoever began it closes it."""
        # Its libraries take a second to import, which no other command should wait for.
        from orchestration.lib.steps.registry import COMPUTATIONS

        return Build(
            self.dbt_project,
            self.dbt_variables,
            COMPUTATIONS,
            before=self._take_statements,
        )

    def _take_statements(self) -> None:
        rules, base = self._rules, self.releases.current()
        changed = rules.changed_since(base) if base else ()
        take_statements(self.settings.database, base, changed)

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self.dbt_project.seeds, self.dbt_variables)

    @property
    def basis(self) -> dict[str, Any]:
        """What this refresh's release is made from, for the manifest."""
        return basis_of(self.settings.database, self._rules.basis(self.as_of.isoformat()))

    @property
    def dbt_variables(self) -> dict[str, object]:
        """The dbt vars of this refresh."""
        return dbt.variables(
            self.as_of,
            self.company.business_timezone,
            self.company.reporting_currency,
            self.company.vars,
        )

    @property
    def releases(self) -> ReleaseStore:
        """The releases of this home."""
        return ReleaseStore(self.settings.home)

    @property
    def published_batch(self) -> int | None:
        """The last load that readers see; 0 where there is no release, None where none tells."""
        current = self.releases.current()
        return current.manifest.basis.get(LAST_BATCH) if current else 0

    @property
    def warehouse(self) -> Warehouse:
        """What loading files needs to know."""
        return Warehouse(
            database=self.settings.database,
            landing=self.settings.landing,
            archive=self.settings.archive,
            quarantine=self.settings.quarantine,
            company=self.company,
            contract=self.contract,
            as_of=self.as_of,
            hash_key=self.settings.hash_key,
            memory_limit=self.settings.memory_limit,
            threads=self.settings.threads,
            progress=progress.sparingly("ingest"),
            settle_seconds=self.settings.settle_seconds,
            non_identifiers=read_non_identifiers(
                self.dbt_project.seeds / "identity" / "non_identifiers.csv"
            ),
        )

    def require_whole(self, steps: Iterable[str]) -> None:
        """Raises `ReleaseError` where this run went through some of the steps only.

        What another run left in the work database has that one's clock, files and rules.
        """
        if not self.done.issuperset(steps):
            raise ReleaseError(
                "A release is made by one run, from the rules and landing to the last model, and "
                "this one left out a part of that. Run the whole job `daily_refresh`, or `make "
                "refresh`."
            )

    def check_clock(self) -> None:
        """Raises `ClockError`, unless somebody has set the refresh's clock."""
        if self.settings.as_of is None and self.company.as_of is None:
            current = self.releases.current()
            check_clock(self.as_of, current.manifest.as_of if current else None)

    def read_models(self) -> None:
        """Parses the models, unless they are; raises `CodeChangedError`.

        From now on they are what they are: nobody else writes into a folder that is built from.
        """
        if self.code_read not in (None, fingerprint_of_code()):
            raise CodeChangedError(
                f"The code in {PROJECT_ROOT} was changed, as by `git pull`, while this refresh "
                "began. It has loaded nothing; run it again."
            )
        dbt.parse_if_changed(self.dbt_project)

    def check_rules(self) -> None:
        """Raises `CompanyError` with the place and remedy of every faulty seed row and var."""
        seeds = self.dbt_project.seeds
        declared = dbt.declared_variables(self.dbt_project)
        problems = check_vars(self.company, declared, seeds, self.contract.tables)
        chosen: Mapping[str, Any] = {**declared, **self.company.vars}
        # A month or a weekday that there is not is told above.
        month, weekday = chosen["fiscal_year_starts_in"], chosen["week_starts_on"]
        calendar = Calendar(
            month if month in range(1, 13) else 1, weekday if weekday in range(1, 8) else 1
        )
        problems += check_seeds(seeds, calendar=calendar)
        if problems:
            raise CompanyError("\n".join(sentences.together(problems)))


def check_clock(now: datetime, released: str | None) -> None:
    """Raises `ClockError` where the machine's clock is behind the `as_of` of the current release.

    A refresh would publish less than readers have seen already. Whoever wants that says so.
    """
    if released is None:
        return
    before = parse_instant(released, "as_of")
    if now < before - CLOCK_TOLERANCE:
        raise ClockError(
            f"The clock of this machine says {now.isoformat()}Z, and what is published is as of "
            f"{before.isoformat()}Z. Set the clock; or, if it is right, set "
            f"WAREHOUSE_AS_OF={now.isoformat()}Z for once."
        )


def open_graph(settings: Settings) -> Refresh:
    """What Dagster's graph is made of, which must be there whatever the company's files say.

    Where they cannot be read a sound company stands in for it, on the clock of UTC: each run reads
    them itself, and tells people what is wrong. While a refresh is under way the graph is read from
    a folder of its own: what that one builds from must stay as it is.
    """
    is_free = RefreshLock(settings.home).holder() is None
    try:
        refresh = replace(open_refresh(settings), folder=BUILT if is_free else READ)
        # Reads the company's rules, too.
        refresh.dbt_project.seeds.resolve(strict=True)
    except (CompanyError, ClockError, OSError) as error:
        _warn(str(error))
        sound = replace(settings, sources_dir=DEMO_COMPANY_DIR, seeds_dir=None, as_of=None)
        refresh = replace(open_refresh(sound), folder=READ)
        refresh = replace(refresh, company=replace(refresh.company, business_timezone="UTC"))
    return refresh


@lru_cache(maxsize=1)
def _warn(problem: str) -> None:
    """Once, though the graph is read in several places."""
    logger.warning(
        "%s\nUntil this is mended each refresh fails, and tells people so. The schedule keeps "
        "UTC until Dagster is started again.",
        problem,
    )


def open_refresh(
    settings: Settings, rules_read: str | None = None, code_read: str | None = None
) -> Refresh:
    """Reads the company and fixes the clock: the setting, else the company's, else now.

    Raises `CompanyError`, and `ClockError` for an instant outside of the calendar.
    """
    company = load_company(settings.sources_dir)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    as_of = settings.as_of or company.as_of or now
    years = calendar_years()
    if as_of.year not in years:
        clock = "WAREHOUSE_AS_OF" if settings.as_of else f"{company.directory}/company.yaml: as_of"
        raise ClockError(
            f"{clock if as_of is not now else 'The clock of this machine'} says "
            f"{as_of.isoformat()}Z, and the calendar has the years {years[0]} to "
            f"{years[-1]}; set it to one of them."
        )
    return Refresh(
        settings=settings,
        company=company,
        contract=load_contract(DBT_PROJECT_DIR / "models"),
        as_of=as_of,
        rules_read=rules_read,
        code_read=code_read,
    )


def code_version(root: Path = PROJECT_ROOT) -> str:
    """The commit of a checkout, also of a worktree, or `unknown` outside one.

    Read from git's files: git itself need not be installed.
    """
    directory = root / ".git"
    if directory.is_file():
        directory = root / directory.read_text().strip().removeprefix("gitdir: ")
    head = directory / "HEAD"
    if not head.is_file():
        return "unknown"
    content = head.read_text().strip()
    if not content.startswith("ref: "):
        return content
    name = content.removeprefix("ref: ")
    # A worktree shares the branches of the checkout that it belongs to.
    shared = directory / "commondir"
    common = directory / shared.read_text().strip() if shared.is_file() else directory
    if (common / name).is_file():
        return (common / name).read_text().strip()
    packed = common / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split(" ")[0] for line in lines if line.endswith(f" {name}")), "unknown")
