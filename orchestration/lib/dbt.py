"""Runs dbt inside this process, on a manifest that is parsed only when a file has changed.

One parse costs as much as building a dozen models, and every dbt subprocess costs it again; a
manifest that is handed over costs neither. dbt is imported where it is used: reading the settings
or opening a release needs none of it.
"""

import functools
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from orchestration import settings as environment_settings
from orchestration.lib import points, sentences, surroundings
from orchestration.lib.engines import Engine, RunMacro
from orchestration.lib.mendable import MendableError
from orchestration.lib.steps.plan import derived_tables
from orchestration.lib.steps.tables import create_missing

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

LONGEST_MESSAGE = 400
# Where a model's columns are not those of its .yml dbt draws a table: name, type there, type here.
_BROKEN_CONTRACT = "enforced contract that failed"
_MISMATCH = re.compile(r"^\s*\|([^|]+)\|([^|]*)\|([^|]*)\|\s*(?:missing in|data type)", re.M)
# How dbt begins what it says of models, macros and .yml before any row is read.
_OF_CODE = ("Compilation Error", "Parsing Error")
# The events that tell how a node ended.
RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"}
LINKED = ("models", "macros", "tests", "dbt_project.yml", "profiles.yml")


class DbtError(MendableError, RuntimeError):
    """dbt could not finish; the message carries what failed and where to read more."""


@dataclass(frozen=True)
class DbtProject:
    """The dbt project as one home builds it: the checkout's models with the home's own seeds.

    dbt writes next to the seeds it reads, so they are never read from the checkout itself.
    """

    directory: Path
    engine: Engine
    environment: Mapping[str, str]
    log_directory: Path

    @property
    def target(self) -> Path:
        """Dbt's artifacts."""
        return self.directory / "target"

    @property
    def seeds(self) -> Path:
        """The merged seeds."""
        return self.directory / "seeds"

    @property
    def manifest_path(self) -> Path:
        """The manifest of the last parse."""
        return self.target / "manifest.json"


def link_project(source: Path, directory: Path) -> None:
    """Points `directory` at the checkout's models and macros, as symbolic links.

    A link that is right stays: another refresh that begins in the same moment may read by it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        link, target = directory / name, source / name
        if link.is_symlink() and link.readlink() == target and target.exists():
            continue
        if link.is_symlink():
            link.unlink()
        if target.exists():
            link.symlink_to(target)
    points.reached("project linked")


def parse_if_changed(project: DbtProject) -> dict[str, Any]:
    """The manifest as JSON, parsed anew only if a file of the project has changed.

    Raises `DbtError` with dbt's own message when the project does not parse.
    """
    stamp = project.target / "parsed_files.sha256"
    current = _fingerprint(project)
    if not (stamp.exists() and stamp.read_text() == current and _saved_parse(project).exists()):
        shutil.rmtree(project.target, ignore_errors=True)
        parse(project)
        stamp.write_text(current)
        points.reached("project parsed")
    return saved_manifest(project)


def parse(project: DbtProject) -> None:
    """Parses the project into its target folder, whatever lies there.

    Raises `DbtError` with dbt's own message when the project does not parse.
    """
    _invoke(project, ["parse"], None, lambda _: None)


def saved_manifest(project: DbtProject) -> dict[str, Any]:
    """The manifest of the last parse as JSON."""
    manifest: dict[str, Any] = json.loads(project.manifest_path.read_text())
    return manifest


def prepare(project: DbtProject) -> None:
    """Makes raw and derived tables readable for the models, inside the engine's session."""
    manifest = saved_manifest(project)
    create_missing(project.engine, derived_tables(manifest))
    schemas = {node["schema"] for node in manifest["nodes"].values()}
    project.engine.prepare(schemas, macro_runner(project))


def macro_runner(project: DbtProject) -> RunMacro:
    """Runs macros of the project, inside the engine's session."""

    def run_macro(name: str, arguments: Mapping[str, object]) -> None:
        run(project, ["run-operation", name, "--args", json.dumps(dict(arguments))], {})

    return run_macro


def run(
    project: DbtProject,
    arguments: list[str],
    variables: Mapping[str, Any],
    on_event: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Any:
    """Runs one dbt command on the parsed project, inside the engine's session.

    Gives dbt's own result of the command; raises `DbtError` naming what failed. It is not written
    out, and neither is the manifest: that takes longer than many a command.
    """
    arguments = [*arguments, "--no-write-json", "--vars", json.dumps(dict(variables))]
    return _invoke(project, arguments, _load_manifest(project), on_event)


def variables(
    as_of: datetime, business_timezone: str, reporting_currency: str, own: Mapping[str, Any]
) -> dict[str, Any]:
    """The dbt vars of a refresh: the clock, the company's frame, then its own tunables."""
    return {
        **own,
        "as_of": as_of.isoformat(),
        "business_timezone": business_timezone,
        "reporting_currency": reporting_currency,
    }


def declared_variables(project: DbtProject) -> dict[str, Any]:
    """The vars of `dbt_project.yml` with their defaults."""
    content = yaml.safe_load((project.directory / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(content.get("vars") or {})


def _saved_parse(project: DbtProject) -> Path:
    return project.target / "partial_parse.msgpack"


def _fingerprint(project: DbtProject) -> str:
    digest = hashlib.sha256()
    files = sorted(
        path
        for root in (*(project.directory / name for name in LINKED), project.seeds)
        for path in ([root] if root.is_file() else root.rglob("*"))
        if path.is_file()
    )
    for path in files:
        digest.update(str(path.relative_to(project.directory)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    environment = {**project.environment, **project.engine.dbt_environment}
    digest.update(json.dumps(sorted(environment.items())).encode())
    return digest.hexdigest()


def _load_manifest(project: DbtProject) -> "Manifest":
    saved = _saved_parse(project)
    return _read_manifest(saved, saved.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _read_manifest(saved: Path, _changed_at: int) -> "Manifest":
    """A saved parse, kept for the next command: a build of some phases runs one for each."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest = Manifest.from_msgpack(saved.read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return manifest


def _invoke(
    project: DbtProject,
    arguments: list[str],
    manifest: "Manifest | None",
    on_event: Callable[[dict[str, Any]], None],
) -> Any:
    from dbt.cli.main import dbtRunner
    from dbt_common.events.base_types import EventMsg
    from google.protobuf.json_format import MessageToDict

    def forward(message: EventMsg) -> None:
        # Twenty events tell of each node; turning all into JSON takes a seventh of a build.
        if message.info.name in RESULT_EVENTS:
            event = MessageToDict(message, preserving_proto_field_name=True)
            on_event(event)

    variables = {**project.environment, **project.engine.dbt_environment}
    log = project.log_directory / "dbt.log"
    log_length = log.stat().st_size if log.exists() else 0
    with environment_settings.environment(variables), project.engine.connections():
        outcome = dbtRunner(manifest=manifest, callbacks=[forward]).invoke(
            [
                "--log-level",
                "none",
                "--log-level-file",
                "debug",
                "--log-path",
                str(project.log_directory),
                *arguments,
                "--project-dir",
                str(project.directory),
                "--profiles-dir",
                str(project.directory),
            ]
        )
    if not outcome.success:
        _hide_addresses(log, log_length)
        # dbt keeps even interrupts to itself.
        if outcome.exception is not None and not isinstance(outcome.exception, Exception):
            raise outcome.exception
        raise DbtError(_explain(outcome, project))
    return outcome.result


def _hide_addresses(log: Path, before: int) -> None:
    """Takes e-mail addresses out of what a failed command wrote: the engine's errors quote values.

    dbt turns a long log; one that is shorter than before is new.
    """
    if not log.exists():
        return
    with log.open("r+b") as stream:
        start = before if before <= log.stat().st_size else 0
        stream.seek(start)
        text = stream.read().decode(errors="replace")
        stream.seek(start)
        stream.write(surroundings.without_addresses(text).encode())
        stream.truncate()


def _explain(outcome: Any, project: DbtProject) -> str:
    home, log_directory = project.engine.settings.home, project.log_directory
    if outcome.exception is not None:
        text = str(outcome.exception)
        reason = surroundings.explain(text, home) or _without_data(text)
        return f"dbt stopped: {reason}"
    # What ends the engine, or fills the disk, fails each node after it in the same words.
    failed: dict[str, list[str]] = {}
    for result in outcome.result.results:
        if str(result.status) in {"error", "fail", "runtime error"}:
            reason = f"{result.status}: {_reason(_told(result), home)}"
            # A macro that was run by itself is no node of the project.
            node = getattr(result, "node", None)
            name = node.name if node else result.unique_id.rpartition(".")[2]
            failed.setdefault(reason, []).append(name)
    told = [f"{sentences.few(names)} ({why})" for why, names in failed.items()]
    shown = "; ".join(told[:5]) + (f"; and {len(told) - 5} more" if len(told) > 5 else "")
    return f"dbt build failed: {shown}. Details: {log_directory / 'dbt.log'}"


def _told(result: Any) -> str:
    """What dbt says of a node that failed; of a test that stores its rows it says nothing."""
    message = str(result.message or f"{result.failures} rows break this test")
    return _told_of_contract(message) if _BROKEN_CONTRACT in message else message


def _told_of_contract(message: str) -> str:
    """Which columns of a model are not those of its .yml; dbt names them at the end of a page."""
    columns = []
    for found in _MISMATCH.findall(message):
        name, made, stated = (part.strip() for part in found)
        columns.append(
            f"{name} is {made} in the SQL and {stated} there"
            if made and stated
            else f"{name} is in the {'SQL' if made else '.yml'} alone"
        )
    told = sentences.few(columns)
    return f"its columns are not those of its .yml: {told}" if columns else message


def _without_data(text: str) -> str:
    """An error's text without values of the data; of the project's own files it quotes names."""
    is_of_code = text.startswith(_OF_CODE)
    return surroundings.without_addresses(text) if is_of_code else surroundings.without_values(text)


def _reason(message: str, home: Path) -> str:
    """What to do where the machine is to blame; else one line of the engine's without its values.

    At most as long as a reader wants: Spark adds its whole stack.
    """
    line = surroundings.explain(message, home) or _without_data(" ".join(message.split()))
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}..."
