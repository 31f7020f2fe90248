"""Alerts reach a file, a webhook and a mail server of this machine, and never stop a refresh."""

import contextlib
import json
import re
import shutil
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import duckdb
import pytest

from orchestration import settings
from orchestration.lib import alerts
from orchestration.lib.alerts import (
    Alert,
    failed,
    freshness_told,
    kpi_alerts,
    newly_raised,
    newly_stale,
    repaired,
    send,
    send_one,
)
from orchestration.settings import PROJECT_ROOT, AlertSettings, SettingError

ALERT = Alert("failed", "A refresh failed", "Nothing was published: the disk is full.")


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Hook(BaseHTTPRequestHandler):
    """A webhook that says nothing on the console."""

    def answer(self, code: int, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("ALERTS", "ALERT_WEBHOOK", "ALERT_SMTP", "ALERT_FROM", "ALERT_TO", "SOURCES"):
        monkeypatch.delenv(f"WAREHOUSE_{name}", raising=False)
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    return monkeypatch


def load(chosen: pytest.MonkeyPatch, **values: str) -> AlertSettings:
    for name, value in values.items():
        chosen.setenv(f"WAREHOUSE_{name}", value)
    return settings.load_alerts()


def test_alerts_go_to_a_file_unless_something_else_is_chosen(
    chosen: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert send([ALERT, ALERT], load(chosen)) == []
    lines = (tmp_path / "logs" / "alerts.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert [(one["kind"], one["text"]) for one in told] == [("failed", ALERT.text)] * 2


def test_a_webhook_gets_the_text_as_slack_reads_it(chosen: pytest.MonkeyPatch) -> None:
    received = []

    class Handler(Hook):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer(200)

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        webhook = f"http://127.0.0.1:{port}/hook"
        chosen_ways = load(chosen, ALERTS="webhook", ALERT_WEBHOOK=webhook)
        assert send_one(ALERT, chosen_ways) == (True, [])
        odd = Alert("kpi", "A KPI & more", "campaign <!channel> <https://evil.example|report>")
        assert send_one(odd, chosen_ways) == (True, [])
    assert received == [
        {"text": f"*{ALERT.title}*\n{ALERT.text}"},
        {
            "text": "*A KPI &amp; more*\n"
            "campaign &lt;!channel&gt; &lt;https://evil.example|report&gt;"
        },
    ]


def test_what_no_way_took_goes_out_before_what_is_sent_next(
    chosen: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost = load(chosen, ALERTS="webhook", ALERT_WEBHOOK="http://127.0.0.1:9/")
    for number in range(23):
        assert len(send([Alert("failed", "A refresh failed", f"No. {number}.")], lost)) > 0
    waiting = tmp_path / "logs" / "untold"
    assert len(list(waiting.iterdir())) == 20
    (waiting / "00_damaged.json").write_text("{")
    assert send([Alert("repaired", "Built again", "Now.")], load(chosen, ALERTS="file")) == []
    lines = (tmp_path / "logs" / "alerts.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert {one["text"] for one in told[:-1]} <= {f"No. {number}." for number in range(23)}
    assert len(told) == len({one["id"] for one in told}) == 21
    assert told[-1]["text"] == "Now."
    assert list(waiting.iterdir()) == []


def test_a_webhook_that_answers_too_late_gets_the_same_alert_by_the_same_id(
    chosen: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = []
    monkeypatch.setattr(alerts, "TIMEOUT_SECONDS", 0.2)

    class Handler(Hook):
        def do_POST(self) -> None:
            received.append((self.headers["Idempotency-Key"], self.headers["Content-Length"]))
            if len(received) <= 2:
                time.sleep(0.5)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.answer(200)

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        webhook = f"http://127.0.0.1:{port}/hook"
        ways = load(chosen, ALERTS="webhook", ALERT_WEBHOOK=webhook)
        assert len(send([ALERT], ways)) == 1
        time.sleep(0.5)
        assert len(send([], ways)) == 1
        time.sleep(0.5)
        assert send([ALERT], ways) == []
    first, again, at_last, later = received
    assert first == again == at_last
    # Another failure by the same words is another alert, if it is of another second.
    assert later[1] == first[1]
    assert Alert("kpi", "t", "x").id == Alert("kpi", "other title", "x").id
    assert Alert("failed", "t", "x", "1").id != Alert("failed", "t", "x", "2").id


def test_an_answer_that_is_no_http_is_a_way_that_does_not_work(chosen: pytest.MonkeyPatch) -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(b"garbage of secret-token\r\n\r\n")

    with serving(socketserver.TCPServer(("127.0.0.1", 0), Handler)) as port:
        webhook = f"http://127.0.0.1:{port}/secret-token"
        problems = send([ALERT], load(chosen, ALERTS="webhook", ALERT_WEBHOOK=webhook))
    assert problems == ["the alert 'A refresh failed' was not sent by webhook (BadStatusLine)."]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308, 500])
def test_a_webhook_that_leads_elsewhere_or_fails_has_taken_nothing(
    chosen: pytest.MonkeyPatch, code: int
) -> None:
    asked = []

    class Handler(Hook):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.answer(code, Location="/login")

        def do_GET(self) -> None:
            asked.append(self.path)
            self.answer(200)

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        webhook = f"http://127.0.0.1:{port}/hook"
        problems = send([ALERT], load(chosen, ALERTS="webhook", ALERT_WEBHOOK=webhook))
    assert problems == ["the alert 'A refresh failed' was not sent by webhook (HTTPError)."]
    assert asked == ["/hook"]


def test_a_password_goes_only_to_a_mail_server_that_proves_its_name(
    chosen: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed (apt-get install openssl)")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
        " -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
        f" -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    received = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            connection = self.request
            connection.sendall(b"220 here\r\n")
            with contextlib.suppress(OSError):
                while line := connection.recv(4096):
                    received.append(line.decode().split()[0].upper())
                    if received[-1] == "EHLO":
                        connection.sendall(b"250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
                    elif received[-1] == "STARTTLS":
                        connection.sendall(b"220 go on\r\n")
                        connection = context.wrap_socket(connection, server_side=True)
                    else:
                        connection.sendall(b"500 no more\r\n")

    chosen.setenv("WAREHOUSE_ALERT_SMTP_USER", "warehouse")
    chosen.setenv("WAREHOUSE_ALERT_SMTP_PASSWORD", "secret")
    with serving(socketserver.TCPServer(("127.0.0.1", 0), Handler)) as port:
        ways = load(
            chosen,
            ALERTS="email",
            ALERT_SMTP=f"127.0.0.1:{port}",
            ALERT_FROM="warehouse@example.com",
            ALERT_TO="ann@example.com",
        )
        (problem,) = send([ALERT], ways)
        assert problem.endswith("by email (SSLCertVerificationError).")
        assert "AUTH" not in received
        chosen.setenv("SSL_CERT_FILE", str(certificate))
        send([ALERT], ways)
        assert "AUTH" in received


@pytest.mark.parametrize("refused", ["nobody@", "ben@", "@"])
def test_a_mail_server_gets_one_message_for_all_recipients(
    chosen: pytest.MonkeyPatch, refused: str
) -> None:
    received = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            in_message = False
            for line in self.rfile:
                text = line.decode().rstrip("\r\n")
                received.append(text)
                if in_message and text != ".":
                    continue
                in_message = text.upper() == "DATA"
                if text.upper() == "QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                is_refused = text.upper().startswith("RCPT TO") and refused in text
                answer = b"550 unknown" if is_refused else b"354 go on" if in_message else b"250 ok"
                self.wfile.write(answer + b"\r\n")

    with serving(socketserver.TCPServer(("127.0.0.1", 0), Handler)) as port:
        chosen_ways = load(
            chosen,
            ALERTS="email",
            ALERT_SMTP=f"127.0.0.1:{port}",
            ALERT_FROM="warehouse@example.com",
            ALERT_TO="ann@example.com, ben@example.com",
        )
        is_taken, problems = send_one(ALERT, chosen_ways)
    assert sum(line.upper().startswith("RCPT TO") for line in received) == 2
    told = "the alert 'A refresh failed' was"
    assert (is_taken, problems) == {
        "nobody@": (True, []),
        "ben@": (
            True,
            [f"{told} sent by email, but not to 1 of its recipients, whom the server refused."],
        ),
        "@": (False, [f"{told} not sent by email (SMTPRecipientsRefused)."]),
    }[refused]
    if not is_taken:
        return
    assert "Subject: [kpi-warehouse] A refresh failed" in received
    assert "To: ann@example.com, ben@example.com" in received
    assert ALERT.text in received


def test_a_way_that_does_not_work_is_told_and_the_others_are_used(
    chosen: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    webhook = "http://127.0.0.1:1/secret-token"
    (problem,) = send([ALERT], load(chosen, ALERTS="webhook,file", ALERT_WEBHOOK=webhook))
    assert problem == "the alert 'A refresh failed' was not sent by webhook (URLError)."
    assert (tmp_path / "logs" / "alerts.jsonl").exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"ALERTS": "pigeon"}, "file, webhook, email"),
        ({"ALERTS": "webhook", "ALERT_WEBHOOK": "file:///secret"}, "not an http or https address"),
        *(
            ({"ALERTS": "webhook", "ALERT_WEBHOOK": address}, "not an http or https address")
            for address in (
                "https://hooks.example/secret part",
                "https://hooks.example/secret\npart",
                "https://hooks.example/s\N{LATIN SMALL LETTER E WITH ACUTE}cret",
                "https://hooks.example:secret/part",
                "https://hooks.example:70000/secret",
                "https:///secret",
                "https://[secret/",
            )
        ),
        ({"ALERTS": "email", "ALERT_SMTP": "h:25"}, "WAREHOUSE_ALERT_TO"),
        *(
            (
                {"ALERTS": "email", "ALERT_SMTP": host, "ALERT_FROM": sender, "ALERT_TO": to},
                says,
            )
            for host, sender, to, says in (
                ("h:70000", "a", "b", "host:port"),
                ("h", "a\nBcc: secret", "b", "one line"),
                ("h", "a", "b\nsecret", "one line"),
            )
        ),
        (
            {"ALERTS": "email", "ALERT_SMTP": "h:x", "ALERT_FROM": "a", "ALERT_TO": "b"},
            "host:port",
        ),
    ],
)
def test_a_way_that_lacks_something_is_named(
    chosen: pytest.MonkeyPatch, values: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingError, match=says) as error:
        load(chosen, **values)
    assert "secret" not in str(error.value)


def test_a_failure_says_what_readers_still_see() -> None:
    assert failed("the disk is full.", None, blocked=False).text == (
        "Nothing was published: the disk is full. Readers still see no release yet."
    )
    assert failed("a, line 2.\na, line 5.", None, blocked=False).text == (
        "Nothing was published:\n  a, line 2.\n  a, line 5.\nReaders still see no release yet."
    )
    assert failed("x.", "000001-20260701", blocked=True).kind == "blocked"
    late = failed("the server is away.", "000002-20260702", blocked=False, published=True)
    assert late.text == "Release 000002-20260702 is published, but: the server is away."


def test_a_source_is_told_of_on_the_morning_it_became_stale_and_no_other() -> None:
    was_fresh, was_stale = {"web_events": "fresh"}, {"web_events": "stale"}
    stale = {"web_events": {"freshness": "stale", "last_row_at": "2026-06-29 10:00:00"}}
    fresh = {"web_events": {"freshness": "fresh", "last_row_at": "2026-06-29 10:00:00"}}
    (alert,) = newly_stale(was_fresh, stale)
    assert alert.kind == "stale"
    assert alert.text == "web_events: last row at 2026-06-29 10:00:00."
    assert newly_stale(was_stale, stale) == newly_stale(was_fresh, fresh) == []
    assert newly_stale({}, stale) == []


def test_a_source_that_fell_silent_among_others_is_named() -> None:
    """The other shop goes on: how old the table's newest row is would tell nothing."""
    state = {"freshness": "stale", "last_row_at": "2026-06-30 10:00:00", "silent_source": "shop_uk"}
    (alert,) = newly_stale({"shop_orders": "fresh"}, {"shop_orders": state})
    assert alert.text == (
        "shop_orders: nothing new from source shop_uk, last row at 2026-06-30 10:00:00."
    )


def test_a_source_that_falls_silent_after_another_is_told_of_too() -> None:
    one = {"freshness": "stale", "last_row_at": "2026-06-30 10:00:00", "silent_source": "shop_uk"}
    two = one | {"silent_source": "shop_de, shop_uk"}
    assert freshness_told(one) == "stale: shop_uk"
    assert newly_stale({"shop_orders": "stale: shop_uk"}, {"shop_orders": one}) == []
    (alert,) = newly_stale({"shop_orders": "stale: shop_uk"}, {"shop_orders": two})
    assert alert.text == (
        "shop_orders: nothing new from sources shop_de, shop_uk, last row at 2026-06-30 10:00:00."
    )
    # One that is back, or ended, is no news; nor is what a note of an earlier version left open.
    for known in ("stale: shop_de, shop_uk", "stale"):
        assert newly_stale({"shop_orders": known}, {"shop_orders": one}) == []
    none = one | {"silent_source": None}
    assert newly_stale({"shop_orders": "stale: shop_uk"}, {"shop_orders": none}) == []


def release(path: Path, *rows: tuple[str, str, bool]) -> Path:
    """A release with these alerts: id, severity, whether open."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema kpi; create table kpi.kpi_definitions as"
            " select 'win_rate' as kpi_id, 'won_deals' as numerator, 'closed_deals' as denominator;"
            "create table kpi.kpi_alerts (alert_id varchar, severity varchar,"
            " is_open boolean, name_en varchar, dimension varchar, segment varchar, kind varchar,"
            " first_seen date, cause_class varchar, cause varchar, observed double,"
            " kpi_id varchar, measure varchar)"
        )
        for alert_id, severity, is_open in rows:
            connection.execute(
                "insert into kpi.kpi_alerts values (?, ?, ?, 'Revenue', 'country', 'GB', 'anomaly',"
                " '2026-06-03', 'data', 'currency_mismatch', 4711, 'revenue', 'value')",
                [alert_id, severity, is_open],
            )
    return path


def test_only_open_alerts_that_people_do_not_know_are_told(tmp_path: Path) -> None:
    database = release(
        tmp_path / "1.duckdb",
        ("known", "critical", True),
        ("over", "warning", True),
        ("closed", "critical", False),
        ("better", "notice", True),
        ("new", "critical", True),
    )
    raised = kpi_alerts(database)
    assert {row["alert_id"] for row in raised} == {"known", "over", "closed", "new"}
    (alert,) = newly_raised(["known", "over"], raised)
    assert (alert.kind, alert.title) == ("kpi", "A KPI needs a look")
    assert alert.text == (
        "critical: Revenue, country GB, anomaly since 2026-06-03 (data: currency_mismatch)."
        " See kpi.kpi_alerts."
    )
    assert newly_raised(["known", "over", "new"], raised) == []


def test_a_part_of_a_ratio_is_told_by_its_name(tmp_path: Path) -> None:
    database = release(tmp_path / "1.duckdb", ("a1", "warning", True))
    for measure, told in (
        ("value", "Win rate, country"),
        ("numerator", "Win rate (its won deals), country"),
        ("denominator", "Win rate (its closed deals), country"),
    ):
        with duckdb.connect(str(database)) as connection:
            connection.execute(
                "update kpi.kpi_alerts set kpi_id = 'win_rate', name_en = 'Win rate', measure = ?",
                [measure],
            )
        (alert,) = newly_raised([], kpi_alerts(database))
        assert f"warning: {told} GB" in alert.text


def test_whoever_knows_nothing_is_told_all_but_not_without_end(tmp_path: Path) -> None:
    raised = kpi_alerts(
        release(tmp_path / "1.duckdb", *((f"a{n}", "warning", True) for n in range(13)))
    )
    (alert,) = newly_raised([], raised)
    assert alert.text.count("Revenue") == 10
    assert "and 3 more" in alert.text
    (alert,) = newly_raised([], raised[:10])
    assert alert.text.count("Revenue") == 10
    assert "more" not in alert.text


def test_whoever_tags_a_link_writes_no_line_of_an_alert(tmp_path: Path) -> None:
    raised = kpi_alerts(release(tmp_path / "1.duckdb", ("a1", "warning", True)))
    odd = [{**row, "dimension": "campaign", "segment": "x\n\nAll is well\x1b[2J"} for row in raised]
    (alert,) = newly_raised([], odd)
    assert "campaign x\\n\\nAll is well\\x1b[2J," in alert.text
    assert alert.text.isprintable()


def test_a_release_without_the_table_has_no_alerts(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "0.duckdb")).close()
    assert kpi_alerts(tmp_path / "0.duckdb") == []


def test_the_runbook_says_of_each_alert_what_to_do(tmp_path: Path) -> None:
    stale = {"web_events": {"freshness": "stale", "last_row_at": "2026-06-29 10:00:00"}}
    alerts = [
        failed("x.", None, blocked=False),
        failed("x.", None, blocked=True),
        repaired(["x."]),
        *newly_stale({"web_events": "fresh"}, stale),
        *newly_raised([], kpi_alerts(release(tmp_path / "1.duckdb", ("a", "critical", True)))),
    ]
    runbook = (PROJECT_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    explained = re.findall(r"(?m)^\| ([A-Z][^|]+) \|", runbook)
    assert sorted(explained) == sorted(alert.title for alert in alerts)
