"""A failing database in a Dagster run: reported there, its connection string nowhere."""

import textwrap
from pathlib import Path

import dagster as dg
import pytest

from orchestration import settings
from orchestration.defs.ingestion.raw_tables import raw_tables
from orchestration.lib.ingestion import transient
from orchestration.lib.refresh import open_refresh
from tests.integration.postgres import PASSWORD, free_port

SOURCE = """
    tables:
      crm_leads:
        location:
          database: postgres
          connection_env: WAREHOUSE_CRM_DSN
          table: public.leads
          cursor: updated_at
          look_back: 2 days
        load: upsert
"""
COMPANY = "name: Test\nreporting_currency: EUR\nbusiness_timezone: Europe/Paris\n"


def test_a_run_tells_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(transient, "PAUSES", ())
    company, home, storage = tmp_path / "company", tmp_path / "home", tmp_path / "storage"
    (company / "crm").mkdir(parents=True)
    storage.mkdir()
    (company / "company.yaml").write_text(COMPANY)
    (company / "crm" / "source.yaml").write_text(textwrap.dedent(SOURCE))
    monkeypatch.setenv("WAREHOUSE_HOME", str(home))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(company))
    monkeypatch.setenv(
        "WAREHOUSE_CRM_DSN", f"postgresql://crm:{PASSWORD}@127.0.0.1:{free_port()}/crm"
    )
    refresh = {"refresh": dg.ResourceDefinition.hardcoded_resource(open_refresh(settings.load()))}
    loaded = dg.Definitions.merge(raw_tables(), dg.Definitions(resources=refresh))
    ingest = loaded.resolve_assets_def(dg.AssetKey(["raw", "crm_leads"]))
    with dg.DagsterInstance.local_temp(str(storage)) as instance:
        result = dg.materialize([ingest], instance=instance)
        assert result.success
        events = instance.all_logs(result.run_id)
    shown = "".join(capfd.readouterr())
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"does not answer" in written
    assert events
    assert PASSWORD not in shown + str(events)
    assert PASSWORD.encode() not in written
