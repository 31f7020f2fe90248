"""The page of an audit: what people are told, safe to open."""

import json
from pathlib import Path

import pytest

from expectations.runner import audit
from expectations.suite import Suite, never
from orchestration import data_docs, settings
from orchestration.lib.publishing.releases import ReleaseError
from tests.unit.expectations.conftest import clean_release  # noqa: F401 - a fixture


def _page(release: Path) -> str:
    rules = (
        never("net_revenue > 30", owner="finance", sentence="An order is <b>too</b> large."),
        never("no_such_column", owner="data", sentence="..."),
        never("net_revenue < 0", owner="finance", sentence="An order is negative."),
    )
    suite = Suite(
        name="core.fct_orders", table="core.fct_orders", expectations=rules, read="counts"
    )
    report = audit(release, suites=[suite]).as_dict()
    verdict = {"verdict": "FAIL", "judged_at": "2026-07-01T05:00:00Z", "report": report}
    # Through JSON, as the verdict lies beside the release.
    return data_docs.render("000001-20260701", json.loads(json.dumps(verdict)))


def test_the_page_says_what_failed_and_loads_nothing(clean_release: Path) -> None:  # noqa: F811
    page = _page(clean_release)
    assert "was blocked by its audit" in page
    assert "1 checks passed, 2 did not" in page
    assert "An order is &lt;b&gt;too&lt;/b&gt; large." in page
    assert "This check could not be run" in page
    for loading in ("<script", "<link", "<img", "http://", "https://", "@import", "url("):
        assert loading not in page


def test_the_newest_audit_is_shown_unless_another_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    current = settings.load()
    with pytest.raises(ReleaseError, match="Nothing was audited"):
        data_docs.build(current, "")
    verdict = {"verdict": "PASS", "judged_at": "2026-07-01T05:00:00Z", "report": {"suites": []}}
    for name in ("000001-20260630", "000002-20260701"):
        (current.releases / name).mkdir(parents=True)
        (current.releases / name / "verdict.json").write_text(json.dumps(verdict))
    assert data_docs.build(current, "") == 0
    assert capsys.readouterr().out.strip().endswith("data_docs/000002-20260701.html")
    assert data_docs.build(current, "000001-20260630") == 0
    assert (tmp_path / "data_docs" / "000001-20260630.html").exists()
    with pytest.raises(ReleaseError, match="no audited release 'x'"):
        data_docs.build(current, "x")
