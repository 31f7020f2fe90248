"""One person forgotten: nowhere to be found, totals unchanged, and not to be brought back."""

import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
import yaml
from openpyxl import Workbook

from orchestration import status
from orchestration.lib import points
from orchestration.lib.company import Company as Settings
from orchestration.lib.company import load_company
from orchestration.lib.contract import Contract, load_contract
from orchestration.lib.ingestion import archive, damage, erasure, redaction
from orchestration.lib.ingestion.erasure import ErasureError, ErasureReport
from orchestration.settings import DBT_PROJECT_DIR, PROJECT_ROOT
from tests.unit.ingestion.house import House

EMAIL = "ann.lee@example.com"
NEEDLES = (
    b"ann.lee",
    b"Ann Lee",
    b"+33 6 12",
    b"secret-login",
    b"CUST-1",
    b"cookie-ann",
    b"LEAD-7",
)


@dataclass
class Company(House):
    """A company with the real contract."""

    def contract(self) -> Contract:
        return load_contract(DBT_PROJECT_DIR / "models")

    def forget(self, email: str = EMAIL, *, everyone: bool = False) -> ErasureReport:
        return erasure.forget(self.warehouse(), self.root, email, everyone=everyone)


TABLES: dict[str, Any] = {
    "shop_customers": {
        "location": "customers_*.csv",
        "load": "upsert",
        "encoding": "cp1252",
        "delimiter": ";",
        "columns": {"customer_id": "N° client", "email": "Courriel", "full_name": "Nom"},
    },
    "shop_orders": {"location": "orders_*.csv*", "load": "upsert"},
    "support_tickets": {"location": "tickets*.jsonl", "load": "append", "format": "jsonl"},
    "crm_leads": {"location": "leads*.parquet", "load": "snapshot", "format": "parquet"},
    "web_events": {
        "location": "events*.csv",
        "load": "append",
        "tolerance": 0.5,
        "columns": {"anonymous_id": {"sql": "split_part(cookie, '.', 2)"}},
    },
    "survey_responses": {"location": "surveys*.csv", "load": "append", "keep_text": True},
}
CUSTOMERS = (
    "N° client;Courriel;Nom;user_id;country;Téléphone\n"
    "CUST-1;Ann.Lee@Example.com ;Ann Lee;secret-login;FR;+33 6 12\n"
    "C2;bob@example.com;Bob Été;bob;FR;+33 6 99\n"
)
ORDERS = (
    "order_id,ordered_at,customer_id,status,currency,total,anonymous_id\n"
    "O1,2026-01-01 10:00:00,CUST-1,completed,EUR,10.50,cookie-ann\n"
    "O2,2026-01-02 10:00:00,C2,completed,EUR,20,cookie-bob\n"
    "O3,2026-01-03 10:00:00,CUST-1,completed,EUR,30,\n"
)
EVENTS = (
    "event_id,occurred_at,cookie,event_name,page_url,page_referrer,email\n"
    "E1,2026-01-01 09:00:00,x.cookie-ann,page_view,https://s.example/?m=ann.lee%40example.com,,\n"
    "E2,2026-01-01 09:10:00,x.cookie-ann,form_submit,https://s.example/f,,ann.lee@example.com\n"
    "E3,2026-01-01 09:20:00,x.cookie-bob,page_view,https://s.example/,,\n"
    "E4,not a time,x.cookie-ann,page_view,https://s.example/,,ann.lee@example.com\n"
    "E5,2026-01-01 09:30:00,x.cookie-bob,page_view,ANN.LEE@example.com,,,surplus\n"
)
SURVEYS = (
    "response_id,survey,customer_id,email,score,comment\n"
    "R1,nps,CUST-1,,9,Ann Lee was here\nR2,nps,C2,,3,Fine\n"
)
TICKETS = [
    {"ticket_id": "T1", "created_at": "2026-01-01 10:00:00", "customer_id": "CUST-1",
     "email": EMAIL, "phone": "+33 6 12", "reopened_count": 2},
    {"ticket_id": "T2", "created_at": "2026-01-02 10:00:00", "customer_id": "C2",
     "email": "bob@example.com", "phone": "+33 6 99", "reopened_count": 1},
]  # fmt: skip


def a_company(root: Path) -> Company:
    company = Company(root, {name: dict(table) for name, table in TABLES.items()})
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.put("orders_1.csv.gz", gzip.compress(ORDERS.encode()))
    company.put("orders_2.csv", ORDERS.splitlines(keepends=True)[0] + ORDERS.splitlines()[1] + "\n")
    company.put("events.csv", EVENTS)
    company.put("surveys.csv", SURVEYS)
    company.put("tickets.jsonl", "".join("\n" + json.dumps(ticket) + "\n" for ticket in TICKETS))
    duckdb.sql(
        f"copy (select * from (values ('LEAD-7', timestamp '2026-01-01', '{EMAIL}', 'Ann Lee'), "
        "('L8', timestamp '2026-01-02', 'bob@example.com', 'Bob')) "
        "t(lead_id, created_at, email, full_name)) "
        f"to '{company.landing}/leads_1.parquet' (format parquet)"
    )
    report = company.load()
    assert {outcome.status for outcome in report.outcomes} == {"loaded"}, report.problems
    return company


def totals(company: Company) -> list[tuple[Any, ...]]:
    return company.query(
        "select count(*), count(distinct customer_id), sum(total) from raw.shop_orders union all "
        "select count(*), count(distinct customer_id), 0 from raw.shop_customers union all "
        "select count(*), count(distinct anonymous_id), 0 from raw.web_events union all "
        "select count(*), count(distinct lead_id), 0 from raw.crm_leads union all "
        "select count(*), count(distinct customer_id), sum(score) from raw.survey_responses "
        "union all select count(*), 0, sum(reopened_count) from raw.support_tickets"
    )


def stored(company: Company) -> list[list[tuple[Any, ...]]]:
    return [company.query(f"select * from raw.{table} order by all") for table in TABLES] + [
        company.query("select * from ops.quarantine order by all")
    ]


def clear_landing(company: Company) -> None:
    for path in company.landing.iterdir():
        path.unlink()


def test_a_forgotten_person_is_in_no_byte_and_totals_stay(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    before = totals(company)
    damage.set_aside(company.database)
    company.load()

    report = company.forget()

    assert report.elsewhere == ()
    assert not damage.directory_of(company.database).exists()
    assert report.landing == (
        "landing/customers_1.csv",
        "landing/events.csv",
        "landing/leads_1.parquet",
        "landing/tickets.jsonl",
    )
    assert totals(company) == before
    customer, order_customer = company.query(
        "select c.customer_id, o.customer_id from raw.shop_customers c, raw.shop_orders o "
        "where o.order_id = 'O1' and c.email is null"
    )[0]
    assert customer == order_customer
    assert customer.startswith("erased-")
    assert company.query("select email, user_id from raw.shop_customers order by email")[-1] == (
        None,
        None,
    )
    assert company.query("select comment from raw.survey_responses order by 1 nulls last") == [
        ("Fine",),
        (None,),
    ]
    clear_landing(company)
    holding = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file()
        and "company" not in path.parts
        and any(redaction.contains(path, {needle.decode()}) for needle in NEEDLES)
    ]
    assert holding == []


def test_whoever_is_known_by_their_address_is_forgotten_alike(tmp_path: Path) -> None:
    tables = {"shop_customers": "customers.csv", "shop_orders": "orders.csv"}
    company = Company(
        tmp_path, {name: {"location": file, "load": "append"} for name, file in tables.items()}
    )
    company.put(
        "customers.csv",
        f"customer_id,email,full_name,user_id,country\n{EMAIL},{EMAIL},,,FR\nb@x.org,b@x.org,,,FR\n",
    )
    company.put("orders.csv", ORDERS.replace("CUST-1", EMAIL).replace("C2", "b@x.org"))
    company.load()
    clear_landing(company)
    bob = company.query("select customer_id from raw.shop_orders where order_id = 'O2'")
    report = company.forget()
    assert (report.rows_changed, report.elsewhere) == (3, ())
    assert company.query("select customer_id from raw.shop_orders where order_id = 'O2'") == bob
    ours = company.query(
        "select order_id, customer_id from raw.shop_orders join raw.shop_customers "
        "using (customer_id) where starts_with(customer_id, 'erased-') order by order_id"
    )
    assert [order for order, _ in ours] == ["O1", "O3"]
    assert len({customer for _, customer in ours}) == 1


def test_an_address_with_an_apostrophe_is_forgotten_in_every_spelling(tmp_path: Path) -> None:
    email = "sean.o'brien+shop@example.com"
    company = a_company(tmp_path)
    clear_landing(company)
    company.put("orders_7.csv", ORDERS.replace("CUST-1", "SEAN").replace("O", "P"))
    customers = CUSTOMERS.replace("Ann.Lee@Example.com", email).replace("CUST-1", "SEAN")
    company.put("customers_7.csv", customers.encode("cp1252"))
    coded = "sean.o%27brien%2Bshop%40example.com"
    events = EVENTS.replace("ann.lee%40example.com", coded).replace(EMAIL, email)
    company.put("events_7.csv", events.replace("E", "F"))
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    clear_landing(company)
    before = totals(company)

    report = company.forget(email)

    assert report.rows_changed >= 5
    assert report.elsewhere == ()
    assert totals(company) == before
    for path in (tmp_path / "archive").rglob("*.*"):
        kept = path.read_bytes() if path.suffix == ".jsonl" else b"".join(archive.read(path))
        assert b"brien" not in kept.lower()
    with pytest.raises(ErasureError, match="is no e-mail address"):
        company.forget("sean'@")


@pytest.mark.parametrize("typed", [str, str.upper])
def test_an_address_with_umlauts_is_found_in_every_encoding(
    typed: Callable[[str], str], tmp_path: Path
) -> None:
    """Others' rows mention it: in Windows' letters, and by the codes that JSON has for letters."""
    email = "jörg.lüönd@müller.example"
    company = a_company(tmp_path)
    clear_landing(company)
    customers = CUSTOMERS.replace("Ann.Lee@Example.com", typed(email)).replace("CUST-1", "J")
    mentioned = f"see {typed(email)}"
    company.put("customers_7.csv", customers.encode("cp1252"))
    company.put(
        "customers_8.csv",
        customers.replace("J;", "K;")
        .replace(typed(email), "k@k.example")
        .replace("+33 6 99", mentioned)
        .encode("cp1252"),
    )
    ticket = TICKETS[1] | {"ticket_id": "T8", "phone": mentioned}
    company.put("tickets_8.jsonl", json.dumps(ticket))
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}

    report = company.forget(email)

    assert report.landing == tuple(
        f"landing/{name}" for name in ("customers_7.csv", "customers_8.csv", "tickets_8.jsonl")
    )
    assert report.elsewhere == ()
    for path in (tmp_path / "archive").rglob("*.zst"):
        kept = b"".join(archive.read(path))
        assert b"ller.example" not in kept.lower()


def test_a_person_of_a_file_in_shift_jis_is_forgotten(tmp_path: Path) -> None:
    named = {"customer_id": "得意先", "email": "メール", "full_name": "氏名"}
    customers = {**TABLES["shop_customers"], "encoding": "cp932", "columns": named}
    company = Company(tmp_path, {"shop_customers": customers})
    header, theirs = "得意先;メール;氏名;備考\r\n", f"T1;{EMAIL};田中 太郎;電話 03\r\n"
    other = 'T2;bob@example.com;ソ表能;"①㈱; 表"\r\n'
    company.put("customers_1.csv", (header + theirs + other).encode("cp932"))
    company.load()
    clear_landing(company)

    assert company.forget().rows_changed == 1

    [path] = (path for path in (tmp_path / "archive").rglob("*.zst"))
    kept = b"".join(archive.read(path)).decode("cp932").splitlines(keepends=True)
    assert [kept[0], kept[2]] == [header, other]
    assert re.fullmatch(r"erased-[0-9a-f]{16};;;\r\n", kept[1])


def test_a_rebuild_after_forgetting_gives_the_same_tables(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.forget()
    clear_landing(company)
    before = stored(company)
    assert company.rebuild().notes == ()
    assert stored(company) == before
    for path in (tmp_path / "archive").rglob("*.*"):
        if path.suffix != ".jsonl":
            content = b"".join(archive.read(path))
            assert not any(needle in content for needle in NEEDLES), path


def test_replayed_and_new_files_do_not_bring_the_person_back(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.forget()
    before = stored(company)
    assert {outcome.status for outcome in company.load().outcomes} == {"already_loaded"}
    assert stored(company) == before
    clear_landing(company)
    company.put("orders_9.csv", ORDERS + "O9,2026-02-01 10:00:00,CUST-1,completed,EUR,5,\n")
    zoe = f"C3;z@example.com;Zoé;z;FR;ask {EMAIL}\n"
    company.put("customers_9.csv", (CUSTOMERS + zoe).encode("cp1252"))
    report = company.load()
    assert [(o.rows_loaded, o.rows_repeated) for o in report.outcomes] == [(1, 2), (1, 3)]
    told = [note.split("'")[0] for note in report.notes if "erased" in note]
    assert sorted(told) == ["s.shop_customers: ", "s.shop_orders: "]
    assert company.query("select count(*) from raw.shop_orders where customer_id = 'CUST-1'") == [
        (0,)
    ]
    clear_landing(company)
    # Of the new file, which said it of somebody else, too.
    assert erasure.search(company.root, company.warehouse(), EMAIL)[:2] == ((), ())
    assert company.forget().elsewhere == ()
    before = stored(company)
    company.rebuild()
    assert stored(company) == before


def test_a_late_snapshot_with_the_person_can_be_read_again(tmp_path: Path) -> None:
    table = {"location": "customers_*.csv", "load": "snapshot"}
    company = Company(tmp_path, {"shop_customers": table})
    rows = (
        f"customer_id,email,full_name,user_id,country\nC1,{EMAIL},,,FR\nC2,bob@example.com,,,FR\n"
    )
    company.put("customers_2.csv", rows)
    company.load()
    company.forget()
    company.put("customers_1.csv", rows + "C3,,,,FR\n")
    assert "superseded" in {outcome.status for outcome in company.load().outcomes}
    clear_landing(company)
    assert company.forget("bob@example.com").elsewhere == ()


def test_a_new_parquet_file_that_holds_a_number_alone_comes_without_it(tmp_path: Path) -> None:
    tables = {
        "shop_customers": {"location": "customers.csv", "load": "upsert"},
        "shop_orders": {"location": "orders.parquet", "load": "append", "format": "parquet"},
    }
    company = Company(tmp_path, tables)
    company.put("customers.csv", f"customer_id,email,full_name,user_id,country\nC1,{EMAIL},,,FR\n")
    company.load()
    company.forget()
    order = {"order_id": "O1", "ordered_at": "2026-01-01", "customer_id": "C1"}
    orders = pyarrow.Table.from_pylist([{**order, "status": "new", "currency": "EUR", "total": 5}])
    pyarrow.parquet.write_table(orders, company.landing / "orders.parquet")
    assert [outcome.status for outcome in company.load().outcomes][-1] == "loaded"
    assert company.query("select starts_with(customer_id, 'erased-') from raw.shop_orders") == [
        (True,)
    ]


def whose_email_column_is_renamed(root: Path) -> Company:
    """A company that has forgotten Ann, and one that got her again, in a column of another name."""
    table = {"location": "customers_*.csv", "load": "upsert", "columns": {"email": "Courriel"}}
    company = Company(root, {"shop_customers": table})
    header = "customer_id,Courriel,full_name,user_id,country"
    company.put("customers_1.csv", f"{header}\nC1,{EMAIL},Ann Lee,ann,FR\n")
    company.load()
    company.forget()
    clear_landing(company)
    header = header.replace("Courriel", "Adresse")
    company.put(
        "customers_2.csv", f"{header}\nC5,{EMAIL},Ann Lee,new,FR\nC6,z@example.com,Zoé,zoe,FR\n"
    )
    return company


def is_kept_out(company: Company) -> bool:
    clear_landing(company)
    rows = company.query(
        "select customer_id, email is null, user_id is null from raw.shop_customers "
        "where customer_id not like 'erased-%' order by 1"
    )
    assert [row[0] for row in rows] == ["C5", "C6"]
    holding = erasure.search(company.root, company.warehouse(), EMAIL)[:2]
    return rows == [("C5", True, True), ("C6", False, False)] and holding == ((), ())


def test_a_refused_file_that_is_tried_again_does_not_bring_the_person_back(tmp_path: Path) -> None:
    company = whose_email_column_is_renamed(tmp_path)
    assert [outcome.status for outcome in company.load().outcomes] == ["refused"]
    company.tables["shop_customers"]["columns"] = {"email": ["Courriel", "Adresse"]}
    assert [outcome.status for outcome in company.requeue().outcomes] == ["loaded"]
    assert is_kept_out(company)
    before = stored(company)[0]
    assert company.rebuild().notes == ()
    assert stored(company)[0] == before


def test_a_rebuild_that_learns_of_a_column_does_not_bring_the_person_back(tmp_path: Path) -> None:
    company = whose_email_column_is_renamed(tmp_path)
    company.tables["shop_customers"]["columns"] = {"email": {"sql": "null"}}
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    company.tables["shop_customers"]["columns"] = {"email": ["Courriel", "Adresse"]}
    for _ in range(2):
        assert company.rebuild().notes == ()
        assert is_kept_out(company)


def test_a_table_that_comes_later_takes_nothing_from_the_others_of_its_file(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.forget()
    columns = {"refund_id": "order_id", "refunded_at": "ordered_at", "amount": "total"}
    company.tables["shop_refunds"] = {
        "location": "orders_*.csv*", "load": "upsert", "columns": columns
    }  # fmt: skip
    company.load()
    clear_landing(company)
    before = totals(company)
    assert company.rebuild().notes == ()
    assert totals(company) == before


def test_forgetting_twice_changes_nothing_more(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.forget()
    before = stored(company)
    report = company.forget()
    assert report.files_rewritten == 0
    assert stored(company) == before


def test_the_second_person_of_a_file_is_forgotten_after_a_kill(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    clear_landing(company)
    company.forget()

    def kill(point: str) -> None:
        if point == "person suppressed":
            raise KeyboardInterrupt

    with points.observed(kill), pytest.raises(KeyboardInterrupt):
        company.forget("bob@example.com")
    report = company.forget("bob@example.com")
    assert report.rows_changed > 0
    assert report.elsewhere == ()
    before = stored(company)
    assert company.rebuild().notes == ()
    assert stored(company) == before


def test_a_journal_of_before_says_what_was_rewritten_as_a_mapping(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.forget()
    before = stored(company)
    journal = tmp_path / "archive" / "ledger.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert any("rewritten" in line for line in lines)
    for line in lines:
        line.update({"rewritten": dict(line["rewritten"])} if "rewritten" in line else {})
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert company.rebuild().notes == ()
    assert stored(company) == before


@pytest.mark.parametrize("is_mended", [False, True])
def test_a_refused_file_with_the_person_is_removed(tmp_path: Path, is_mended: bool) -> None:
    company = a_company(tmp_path)
    company.put("orders_bad.csv", "order_id,ordered_at\nO1,ann.lee@example.com\n")
    company.load()
    if is_mended:
        head = "order_id,ordered_at,customer_id,status,currency\n"
        company.put("orders_bad.csv", head + "O7,2026-01-05 10:00:00,C6,completed,EUR\n")
        assert not [o for o in company.load().outcomes if o.status == "refused"]
    assert company.forget().quarantined_files_removed == 1
    assert not [path for path in (tmp_path / "quarantine").rglob("*") if path.is_file()]


def test_a_refused_file_that_gives_the_persons_number_alone_is_removed(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    for customer, name in {"CUST-1": "Ann Lee", "C2": "Bob"}.items():
        # The name is in the wrong column.
        row = f"O1,2026-01-01 10:00:00,{customer},completed,EUR,{name},\n"
        company.put(f"orders_{customer}.csv", ORDERS.splitlines(keepends=True)[0] + row)
    company.put("orders_unreadable.csv", "order_id,customer_id\nO1,CUST-1\n".encode("utf-16"))
    assert [outcome.status for outcome in company.load().outcomes].count("refused") == 3
    assert company.forget().quarantined_files_removed == 1
    assert company.query(
        "select file_name from ops.ledger where status = 'refused' and content_hash in "
        f"(select parse_filename(file)[:64] from glob('{tmp_path}/quarantine/*/*'))"
    ) == [("orders_C2.csv",), ("orders_unreadable.csv",)]
    assert company.query("select raw_value from ops.quarantine where column_name = 'total'") == [
        ("Bob",)
    ]


@pytest.mark.parametrize("is_held", [False, True])
def test_an_archived_file_that_nobody_can_read_may_not_hold_the_person(
    tmp_path: Path, is_held: bool
) -> None:
    """A state that comes late is kept as it is."""
    table = {"location": "customers_*.csv", "load": "snapshot"}
    company = Company(tmp_path, {"shop_customers": table})
    company.put(
        "customers_2.csv", f"customer_id,email,full_name,user_id,country\nC1,{EMAIL},,,FR\n"
    )
    company.load()
    company.put("customers_1.csv", f"email,email\n{EMAIL if is_held else 'z@example.com'},\n")
    assert "superseded" in {outcome.status for outcome in company.load().outcomes}
    clear_landing(company)
    if is_held:
        before = stored_customers(company)
        with pytest.raises(ErasureError, match=r"'customers_1.csv' holds the person and"):
            company.forget()
        assert stored_customers(company) == before
    else:
        assert company.forget().elsewhere == ()


def stored_customers(company: Company) -> list[tuple[Any, ...]]:
    return company.query("from raw.shop_customers")


def a_workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", f"<t>{EMAIL.upper()}</t>")


def test_a_refused_workbook_with_the_person_is_removed(tmp_path: Path) -> None:
    company = Company(tmp_path, {"crm_leads": {"location": "leads*", "load": "snapshot"}})
    a_workbook(company.landing / "leads.xlsx")
    assert [outcome.status for outcome in company.load().outcomes] == ["refused"]
    report = company.forget()
    assert report.quarantined_files_removed == 1
    assert (report.landing, report.elsewhere) == (("landing/leads.xlsx",), ())


def test_packed_files_in_landing_are_listed_however_they_are_named(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    clear_landing(company)
    a_workbook(company.landing / "leads.XLSX")
    company.put("orders.csv.GZ", gzip.compress(EMAIL.encode()))
    table = pyarrow.table({"email": [f"p{n}@example.com" for n in range(9_999)] + [EMAIL]})
    pyarrow.parquet.write_table(table, company.landing / "leads.pq", compression="zstd")
    pyarrow.parquet.write_table(table.slice(0, 9_999), company.landing / "others.pq")
    assert company.forget().landing == (
        "landing/leads.XLSX",
        "landing/leads.pq",
        "landing/orders.csv.GZ",
    )


def test_older_releases_go_and_the_current_one_stays(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    for name in ("000001-20260101", "000002-20260102"):
        (tmp_path / "releases" / name).mkdir(parents=True)
    (tmp_path / "current").symlink_to("releases/000002-20260102")
    assert company.forget().releases_removed == ("000001-20260101",)


def test_pins_go_with_their_releases_and_it_is_told(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    for name in ("000001-20260101", "000002-20260102"):
        (tmp_path / "releases" / name).mkdir(parents=True)
    (tmp_path / "current").symlink_to("releases/000002-20260102")
    pins = tmp_path / "releases" / "pins.json"
    pins.write_text('{"000001-20260101": "the year", "000002-20260102": "now"}')
    (note,) = company.forget().notes
    assert note == "Release 000001-20260101 was pinned (the year) and had to go with the others."
    assert json.loads(pins.read_text()) == {"000002-20260102": "now"}


def test_the_release_that_still_holds_the_person_is_named_until_it_is_gone(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    link = tmp_path / "current"

    def publish(name: str) -> None:
        (tmp_path / "releases" / name).mkdir(parents=True)
        link.unlink(missing_ok=True)
        link.symlink_to(f"releases/{name}")

    def status_of(name: str) -> str:
        return status._erased(company.database, name)

    publish("000001-20260101")
    assert company.forget("nobody@example.com").holding_release is None
    assert status_of("000001-20260101") == ""
    for _ in range(2):
        assert company.forget().holding_release == "000001-20260101"
    assert "`make refresh`" in status_of("000001-20260101")
    company.rebuild()
    publish("000002-20260102")
    assert status_of("000002-20260102") == ""
    report = company.forget()
    assert (report.releases_removed, report.holding_release) == (("000001-20260101",), None)


def test_an_archived_file_that_nobody_could_search_is_told(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    assert not any("searched" in note for note in company.forget("nobody@example.com").notes)
    next((tmp_path / "archive").rglob("*.csv.zst")).unlink()
    [note] = [note for note in company.forget("nobody@example.com").notes if "searched" in note]
    assert note.startswith("The archive lacks 1 of the loaded files") and ".csv" in note


def test_a_copy_anywhere_in_the_home_is_reported(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "x.log").write_text("mail to ANN.LEE@example.com failed")
    (tmp_path / "logs" / "x.log.gz").write_bytes(gzip.compress(b"to ann.lee%40example.com"))
    assert company.forget().elsewhere == ("logs/x.log", "logs/x.log.gz")


def test_an_address_in_the_name_of_a_file_stays_in_the_ledger(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.put(f"orders_{EMAIL}.csv", ORDERS.replace("O1", "O9"))
    company.load()
    (company.landing / f"orders_{EMAIL}.csv").unlink()
    assert company.forget().elsewhere == ("warehouse.duckdb", "archive/ledger.jsonl")


def test_a_file_that_somebody_else_removes_meanwhile_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = a_company(tmp_path)
    gone = tmp_path / "log"
    gone.write_text(EMAIL)
    contains = redaction.contains

    def after_it_went(path: Path, texts: set[str]) -> bool:
        if path == gone:
            gone.unlink()
        return contains(path, texts)

    monkeypatch.setattr(redaction, "contains", after_it_went)
    assert company.forget().elsewhere == ()
    assert not gone.exists()


def test_an_identifier_that_many_people_share_is_not_followed(tmp_path: Path) -> None:
    company = Company(tmp_path, {"support_tickets": dict(TABLES["support_tickets"])})
    tickets = [{**ticket, "customer_id": "GUEST"} for ticket in TICKETS]
    company.put("tickets.jsonl", "".join(json.dumps(ticket) + "\n" for ticket in tickets))
    company.load()
    report = company.forget()
    assert "another e-mail" in report.notes[0]
    assert company.query(
        "select customer_id, email is null from raw.support_tickets order by 1, 2"
    ) == [("GUEST", False), ("GUEST", True)]


def test_a_mailbox_that_many_customers_have_is_erased_only_when_all_are_meant(
    tmp_path: Path,
) -> None:
    company = a_company(tmp_path)
    guests = "".join(f"G{n};{EMAIL};Guest;;FR;\n" for n in range(erasure.MOST_CUSTOMERS))
    rows = CUSTOMERS.splitlines(keepends=True)[0] + guests
    company.put("customers_2.csv", rows.encode("cp1252"))
    company.load()
    before = stored(company)
    # With the customer's own number it is one too many.
    message = f"^{erasure.MOST_CUSTOMERS + 1} customer numbers .* add EVERYONE=1"
    with pytest.raises(erasure.ErasureError, match=message):
        company.forget()
    assert stored(company) == before
    company.forget(everyone=True)
    assert company.query("select count(*) from raw.shop_customers where full_name = 'Guest'") == [
        (0,)
    ]
    hashes = company.query("select count(*) from raw.shop_customers where customer_id like 'G%'")
    assert hashes == [(0,)]
    # A second time there is nobody left to be asked about.
    company.forget()


def test_json_lines_without_an_object_hold_nobody(tmp_path: Path) -> None:
    table = {
        **TABLES["support_tickets"],
        "may_be_empty": True,
        "query": "select ticket_id, created_at, customer_id, email, _row_number from source",
        "identifiers": {"customer_id": {"sql": "trim(customer_id)"}, "email": "email"},
    }
    company = Company(tmp_path, {"support_tickets": table})
    company.put("tickets.jsonl", "".join(json.dumps(ticket) + "\n" for ticket in TICKETS))
    company.put("tickets_2.jsonl", "")
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded", "loaded"]
    company.forget()
    assert company.query("select count(*) from ops.ledger where status = 'loaded'") == [(2,)]
    emails = "select count(*) from raw.support_tickets where email is not null"
    assert company.query(emails) == [(sum(ticket.get("email") != EMAIL for ticket in TICKETS),)]


def test_a_file_without_the_object_that_holds_addresses_is_searched(tmp_path: Path) -> None:
    table = {**TABLES["support_tickets"], "columns": {"email": {"sql": "contact ->> 'email'"}}}
    company = Company(tmp_path, {"support_tickets": table})
    number = TICKETS[0]["customer_id"]
    first = {"ticket_id": "T1", "created_at": "2026-01-01", "customer_id": number}
    company.put("tickets.jsonl", json.dumps({**first, "contact": {"email": EMAIL}}) + "\n")
    company.put("tickets_2.jsonl", json.dumps({**first, "ticket_id": "T2"}) + "\n")
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded", "loaded"]
    company.forget()
    left = "select count(*) from raw.support_tickets where email is not null or customer_id = $1"
    assert company.query(left.replace("$1", f"'{number}'")) == [(0,)]


WEBHOOK = {
    "shop_orders": """
        select
            data -> 'purchase' ->> 'transaction' as order_id,
            make_timestamp((data -> 'purchase' ->> 'at')::bigint * 1000) as ordered_at,
            (data -> 'buyer' ->> 'document') || '@cpf.example' as customer_id,
            'completed' as status, 'BRL' as currency,
            (data -> 'purchase' ->> 'cents')::bigint * 0.01 as total
        from source""",
    "shop_customers": """
        select
            (data -> 'buyer' ->> 'document') || '@cpf.example' as customer_id,
            data -> 'buyer' ->> 'email' as email,
            data -> 'buyer' ->> 'name' as full_name,
            data -> 'buyer' -> 'lists' -> 2 ->> 'country' as country,
            data ->> 'origin' as segment
        from source""",
}


@pytest.mark.parametrize("document", ["02157805917", 12157805917])
def test_a_person_inside_of_an_object_is_forgotten(tmp_path: Path, document: str | int) -> None:
    """What a shop's webhook says of the buyer stands beside the price, whose digits stay."""
    number = {"sql": "(data -> 'buyer' ->> 'document') || '@cpf.example'"}
    said = {"email": {"sql": "data -> 'buyer' ->> 'email'"}}
    said["full_name"] = {"sql": "data -> 'buyer' ->> 'name'"}
    table = {"location": "hooks*.jsonl", "load": "upsert", "format": "jsonl"}
    identifiers = {"shop_orders": {"customer_id": number}}
    identifiers["shop_customers"] = {"customer_id": number, **said}
    tables = {
        name: {**table, "query": query, "identifiers": identifiers[name]}
        for name, query in WEBHOOK.items()
    }
    company = Company(tmp_path, tables)
    place = {"country": "BR", "street": "Rua 5"}
    ann = {"document": document, "email": EMAIL, "name": "5", "lists": [document, "Ánn", place]}
    ann["phone"] = 11987654321
    bob = {"document": "215780591", "email": "bob@example.com", "name": "Bob", "phone": 5}
    hooks: list[dict[str, Any]] = [
        {
            "id": 7,
            "data": {
                "buyer": buyer,
                "purchase": {"transaction": order, "at": at, "cents": 5},
                "origin": {"site": "a", "link": 3},
                "sellers": [{"email": "carl@example.com"}],
            },
        }
        for buyer, order, at in (
            (ann, "HP215780591", 1735712386000),
            (bob, "HP2", 1735712386001),
        )
    ]
    company.put("hooks.jsonl", "".join(json.dumps(hook) + "\n" for hook in hooks))
    outcomes = company.load().outcomes
    assert {outcome.status for outcome in outcomes} == {"loaded"}
    orders = "select order_id, ordered_at, total from raw.shop_orders order by 1"
    customers = "select country, segment from raw.shop_customers order by all"
    before = company.query(orders), company.query(customers)
    report = company.forget()
    assert (report.elsewhere, report.rows_changed) == ((), 1)
    assert (company.query(orders), company.query(customers)) == before
    (path,) = (tmp_path / "archive").rglob("*.jsonl.zst")
    kept, other = b"".join(archive.read(path)).decode().splitlines()
    after = json.loads(kept)
    stand_in, address = (after["data"]["buyer"].pop(key) for key in ("document", "email"))
    assert stand_in.startswith("erased-")
    assert address.startswith("erased-")
    # Nothing reads the telephone number, the street, other sellers and the message's own number.
    lists = [stand_in, "Ánn", {"country": "BR", "street": None}]
    assert after["data"]["buyer"] == {"name": "", "lists": lists, "phone": None}
    assert (after["id"], after["data"]["sellers"]) == (None, None)
    for read in ("purchase", "origin"):
        assert after["data"][read] == hooks[0]["data"][read]
    assert json.loads(other) == hooks[1]
    company.put("hooks_2.jsonl", json.dumps(hooks[0] | {"id": 8}) + "\n")
    company.load()
    assert company.query("select count(distinct customer_id) from raw.shop_orders") == [(2,)]


def test_a_person_inside_of_a_struct_of_parquet_is_forgotten(tmp_path: Path) -> None:
    table = {
        "location": "customers.parquet",
        "load": "upsert",
        "format": "parquet",
        "columns": {
            "customer_id": {"sql": "buyer.document || '@cpf.example'"},
            "email": {"sql": "buyer.email"},
            "full_name": {"sql": "buyer.name"},
            "country": {"sql": "buyer.place.country"},
        },
    }
    company = Company(tmp_path, {"shop_customers": table})
    duckdb.sql(
        "copy (select {'document': d, 'email': e, 'name': n, 'place': {'country': 'BR', 'zip': 7}} "
        f"as buyer from (values ('02157805917', '{EMAIL}', 'Ánn Lee'), "
        "('1', 'bob@example.com', 'Bob')) t(d, e, n)) "
        f"to '{company.landing}/customers.parquet' (format parquet)"
    )
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    report = company.forget()
    assert (report.elsewhere, report.rows_changed) == ((), 1)
    content = kept_bytes(company, "shop_customers")
    kept = pyarrow.parquet.read_table(io.BytesIO(content))["buyer"].to_pylist()
    stand_in = kept[0]["document"]
    assert stand_in.startswith("erased-")
    assert (kept[0]["name"], kept[0]["email"][:7]) == ("", "erased-")
    assert kept[0]["place"] == {"country": "BR", "zip": None}
    place = {"country": "BR", "zip": 7}
    bob = {"document": "1", "email": "bob@example.com", "name": "Bob", "place": place}
    assert kept[1] == bob
    countries = "select country from raw.shop_customers"
    assert company.query(countries) == [("BR",), ("BR",)]


def test_a_number_that_people_share_in_another_table_is_not_followed(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.put("surveys_2.csv", f"response_id,survey,customer_id,email\nR3,nps,GUEST,{EMAIL}\n")
    ticket = (
        '{"ticket_id": "%s", "created_at": "2026-01-03", "customer_id": "GUEST", "email": "%s"}\n'
    )
    company.put("tickets_2.jsonl", ticket % ("T3", EMAIL) + ticket % ("T4", "cy@example.com"))
    company.put("orders_3.csv", ORDERS.replace("CUST-1", "GUEST").replace("O", "P"))
    assert {outcome.status for outcome in company.load().outcomes} >= {"loaded"}
    notes = company.forget().notes
    assert any("survey_responses: 1 customer_id" in note for note in notes)
    guests = "select count(*) from raw.shop_orders where customer_id = 'GUEST'"
    assert company.query(guests) == [(2,)]
    assert company.query(
        "select email is null from raw.support_tickets where ticket_id = 'T4'"
    ) == [(False,)]


def test_a_number_whose_record_is_the_persons_is_followed_and_not_told_of(tmp_path: Path) -> None:
    tables = {"shop_customers": "customers.csv", "survey_responses": "surveys.csv"}
    company = Company(tmp_path, {t: {"location": f, "load": "upsert"} for t, f in tables.items()})
    company.put("customers.csv", f"customer_id,email\nC1,{EMAIL}\n")
    company.put(
        "surveys.csv",
        "response_id,survey,customer_id,email,score\n"
        f"R1,nps,C1,{EMAIL},9\nR2,nps,C1,bob@example.com,3\n",
    )
    company.load()
    assert company.forget().notes == ()
    assert (
        company.query("select customer_id from raw.survey_responses where customer_id = 'C1'") == []
    )


def test_a_deal_of_a_firm_does_not_lead_to_its_other_contacts(tmp_path: Path) -> None:
    places = {"crm_leads": "leads", "crm_opportunities": "deals", "shop_customers": "customers"}
    tables = {t: {"location": f"{name}.csv", "load": "upsert"} for t, name in places.items()}
    company = Company(tmp_path, tables)
    company.put(
        "leads.csv",
        f"lead_id,created_at,email\nL1,2026-01-01,{EMAIL}\nL2,2026-01-02,bob@firm.example\n",
    )
    company.put("customers.csv", "customer_id,email\nC1,office@firm.example\n")
    company.put(
        "deals.csv",
        "opportunity_id,lead_id,customer_id,created_at,stage\n"
        "D1,L1,C1,2026-02-01,offer\nD2,L2,C1,2026-03-01,offer\n",
    )
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    report = company.forget()
    assert any("crm_opportunities: 1 customer_id" in note for note in report.notes)
    assert report.rows_changed == 2
    assert company.query("select email is null from raw.crm_leads order by lead_id") == [
        (False,),
        (True,),
    ]
    assert company.query("select customer_id, email is null from raw.shop_customers") == [
        ("C1", False)
    ]


@pytest.mark.parametrize(
    ("login", "not_followed"), [("bob", "web_events: 1 user_id"), ("guest", None)]
)
def test_an_event_with_somebody_elses_login_does_not_lead_to_them(
    tmp_path: Path, login: str, not_followed: str | None
) -> None:
    """Bob recommends a friend; the login `guest` is nobody's, and in Bob's record too."""
    tables = {
        "shop_customers": {"location": "customers.csv", "load": "upsert"},
        "web_events": {"location": "events.csv", "load": "append"},
    }
    company = Company(tmp_path, tables, non_identifiers={"identifier": "guest"})
    company.put(
        "customers.csv",
        f"customer_id,email,full_name,user_id,country\nC1,bob@example.com,Bob,{login},FR\n",
    )
    company.put(
        "events.csv",
        "event_id,occurred_at,anonymous_id,user_id,email,event_name,page_url,page_referrer\n"
        f"E1,2026-01-01 09:00:00,b1,{login},{EMAIL},form_submit,,\n"
        f"E2,2026-01-01 09:00:00,b2,{login},,page_view,,\n",
    )
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    report = company.forget()
    assert report.rows_changed == 1
    assert [note for note in report.notes if not not_followed or not_followed not in note] == []
    assert company.query("select customer_id, email is null from raw.shop_customers") == [
        ("C1", False)
    ]
    assert company.query("select anonymous_id, user_id is null from raw.web_events")[1] == (
        "b2",
        False,
    )


def test_who_has_had_several_addresses_goes_with_the_last_one(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    changed = CUSTOMERS.replace("Ann.Lee@Example.com", "ann@example.org")
    company.put("customers_2.csv", changed.encode("cp1252"))
    company.load()
    clear_landing(company)
    hers = "select count(*) from raw.shop_orders where customer_id = 'CUST-1'"
    assert any("shop_customers: 1 customer_id" in note for note in company.forget().notes)
    assert company.query(hers) == [(2,)]
    assert company.forget("ann@example.org").notes == ()
    assert company.query(hers) == [(0,)]


@dataclass
class SeveralSources(Company):
    """A company of further sources: their tables by name, each source's files in its folder."""

    others: dict[str, dict[str, Any]] = field(default_factory=dict)

    def company(self) -> Settings:
        directory = super().company().directory
        for source, tables in self.others.items():
            (directory / source).mkdir(exist_ok=True)
            (directory / source / "source.yaml").write_text(yaml.safe_dump({"tables": tables}))
        return load_company(directory)


def with_help_desk(root: Path, **others: dict[str, Any]) -> SeveralSources:
    """A shop whose customers write to the help desk of another system."""
    desk = {"survey_responses": {"location": "desk/surveys*.csv", "load": "append"}}
    shop = {"shop_customers": {"location": "customers.csv", "load": "upsert"}}
    company = SeveralSources(root, shop, others={"desk": desk, **others})
    company.put("customers.csv", f"customer_id,email\nC1,{EMAIL}\nC2,bob@example.com\n")
    company.put(
        "desk/surveys_1.csv",
        f"response_id,survey,customer_id,email,score\nR1,nps,C1,,9\nR2,nps,C2,{EMAIL},3\n",
    )
    return company


def test_a_number_that_another_source_gave_is_followed_there(tmp_path: Path) -> None:
    company = with_help_desk(tmp_path)
    company.load()
    assert company.forget().notes == ()
    # Whoever writes for somebody else says nothing of them: only their own row goes.
    others = "select email is not null from raw.shop_customers where customer_id = 'C2'"
    assert company.query(others) == [(True,)]
    company.put("desk/surveys_2.csv", "response_id,survey,customer_id,score\nR3,csat,C1,5\n")
    company.load()
    erased = company.query("select customer_id from raw.shop_customers where email is null")
    assert erased == company.query(
        "select distinct customer_id from raw.survey_responses where response_id in ('R1', 'R3')"
    )
    assert company.query("select sum(score) from raw.survey_responses") == [(17,)]


def test_a_number_that_several_shops_give_is_left_where_nobody_says_whose_it_is(
    tmp_path: Path,
) -> None:
    other = {"shop_orders": {"location": "other/orders.csv", "load": "append"}}
    company = with_help_desk(tmp_path, other=other)
    company.put("other/orders.csv", ORDERS.replace("CUST-1", "C1"))
    company.load()
    assert company.forget().notes == (
        "desk: rows that name the person by customer_id alone were left, since other and s give "
        "such numbers; look for them there.",
    )
    assert company.query("select response_id from raw.survey_responses where customer_id = 'C1'")


def test_a_number_that_a_forgotten_person_had_in_another_shop_is_left_too(tmp_path: Path) -> None:
    other = {"shop_customers": {"location": "other/customers.csv", "load": "append"}}
    company = with_help_desk(tmp_path, other=other)
    company.put("other/customers.csv", "customer_id,email\nC1,cat@example.com\n")
    company.load()
    for email in (EMAIL, "cat@example.com"):
        assert any("customer_id alone were left" in note for note in company.forget(email).notes)
    assert company.query("select response_id from raw.survey_responses where customer_id = 'C1'")


def test_a_number_that_one_of_several_shops_gives_still_means_its_customer(tmp_path: Path) -> None:
    other = {"shop_orders": {"location": "other/orders.csv", "load": "append"}}
    company = with_help_desk(tmp_path, other=other)
    company.put("other/orders.csv", ORDERS)
    company.load()
    assert company.forget().notes == ()
    company.put("desk/surveys_2.csv", "response_id,survey,customer_id,score\nR3,csat,C1,5\n")
    company.load()
    customers = company.query("select customer_id from raw.shop_customers where email is null")
    assert str(customers[0][0]).startswith("erased-")
    assert customers == company.query(
        "select distinct customer_id from raw.survey_responses where response_id in ('R1', 'R3')"
    )


def test_who_was_forgotten_may_come_back_under_another_name_of_the_source(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    company.source = "renamed"
    assert company.rebuild("s").notes == ()
    company.load()
    company.forget()
    company.source = "s"
    (note,) = company.rebuild("renamed").notes
    assert note.startswith("renamed: people of it were forgotten")
    assert "keep `source: renamed`" in note


def test_a_query_must_say_which_columns_identify_people(tmp_path: Path) -> None:
    table: dict[str, Any] = {
        "location": "orders*.csv",
        "load": "upsert",
        "query": "select order_id, ordered_at, split_part(Client, '.', 1) as customer_id, "
        "'completed' as status, 'EUR' as currency, total from source",
    }
    company = Company(tmp_path, {"shop_orders": table, "shop_customers": TABLES["shop_customers"]})
    company.put("orders.csv", "order_id,ordered_at,Client,total\nO1,2026-01-01,CUST-1.0,5\n")
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    # Not only when somebody is to be forgotten.
    (_, problem) = sorted(str(outcome.problem) for outcome in company.load().outcomes)
    assert problem == (
        "s.shop_orders: 'orders.csv': `make forget` could erase nobody: say which columns of "
        "the file hold customer_id, under `identifiers:` in its source.yaml; `{sql: 'null'}` where "
        "it holds none."
    )
    company.put("orders_2.csv", "order_id,ordered_at,Client,total\nO2,2026-01-01,CUST-2.0,5\n")
    assert {outcome.problem for outcome in company.load().outcomes} == {None}
    with pytest.raises(ErasureError, match="under `identifiers:`"):
        company.forget()
    table["identifiers"] = {"customer_id": {"sql": "split_part(Client, '.', 1)"}}
    company.forget()
    (customer,) = company.query("select customer_id from raw.shop_orders order by order_id")[0]
    assert customer.startswith("erased-")


def test_a_number_stays_in_dates_and_amounts_that_happen_to_hold_it(tmp_path: Path) -> None:
    """Number 12 is forgotten, and 1 December, 112.50 and voucher CLI12 are not its."""
    expressions = {
        "ordered_at": {"sql": "day || ' 10:00'"},
        "customer_id": {"sql": "split_part(client, '.', 1)"},
        "total": {"sql": "replace(total, ',', '.')"},
        "coupon": {"sql": "upper(code)"},
    }
    tables = {
        "shop_customers": {"location": "customers.csv", "load": "upsert"},
        "shop_orders": {"location": "orders.csv", "load": "upsert", "columns": expressions},
    }
    company = Company(tmp_path, tables)
    company.put("customers.csv", f"customer_id,email,full_name,user_id,country\n12,{EMAIL},,,FR\n")
    company.put(
        "orders.csv",
        "order_id,day,client,status,currency,total,code\n"
        'O1,2026-12-01,12.0,completed,EUR,"112,50",cli12\n',
    )
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    columns = "select order_id, ordered_at, total, coupon"
    before = company.query(f"{columns} from raw.shop_orders")
    company.forget()
    after = company.query(
        f"{columns} from raw.shop_orders join raw.shop_customers using (customer_id) "
        "where customer_id like 'erased-%'"
    )
    assert after == before
    assert before[0][3] == "CLI12"


def test_a_new_file_whose_query_hides_who_it_is_about_is_refused(tmp_path: Path) -> None:
    company = Company(tmp_path, {"shop_customers": dict(TABLES["shop_customers"])})
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.load()
    company.forget()
    company.tables["shop_orders"] = {
        "location": "orders.csv",
        "load": "append",
        "query": "select order_id, ordered_at, Client as customer_id, 'new' as status, "
        "'EUR' as currency, total from source",
    }
    company.put("orders.csv", "order_id,ordered_at,Client,total\nO1,2026-01-01,CUST-1,5\n")
    outcome = company.load().outcomes[-1]
    assert outcome.status == "refused"
    assert "may hold people who were erased: s.shop_orders is made by" in (outcome.reason or "")


def test_nothing_is_changed_where_an_expression_hides_the_number(tmp_path: Path) -> None:
    orders = {
        "location": "orders.csv",
        "load": "upsert",
        "columns": {"customer_id": {"sql": "upper(ref)"}},
    }
    company = Company(tmp_path, {"shop_customers": TABLES["shop_customers"], "shop_orders": orders})
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.put(
        "orders.csv",
        "order_id,ordered_at,ref,status,currency,total\nO1,2026-01-01,cust-1,x,EUR,5\n",
    )
    company.load()
    before = stored_customers(company)
    with pytest.raises(ErasureError, match=r"'orders.csv' would still hold the person"):
        company.forget()
    assert company.rebuild().notes == ()
    assert stored_customers(company) == before


TELEPHONE = "right(regexp_replace(Mobile, '[^0-9]', '', 'g'), 10)"
AS_ADDRESS = f"nullif({TELEPHONE}, '') || '@telephone.example'"


@pytest.mark.parametrize(
    ("number", "login"), [(f"'K' || md5(nullif({TELEPHONE}, ''))", TELEPHONE), (AS_ADDRESS, "null")]
)
def test_who_is_known_by_a_telephone_number_is_forgotten_however_it_is_written(
    tmp_path: Path, number: str, login: str
) -> None:
    """Numbers that an expression brings into one form stay one customer, who is nobody."""
    till: dict[str, Any] = {"location": "till*.csv", "load": "upsert"}
    orders = {
        "query": f"select Bill as order_id, Day as ordered_at, {number} as customer_id, "
        "'sold' as status, 'INR' as currency from source",
        "identifiers": {"customer_id": {"sql": number}},
    }
    made = {"customer_id": number, "user_id": login, "email": AS_ADDRESS}
    customers = {
        "query": "select distinct "
        + ", ".join(f"{expression} as {name}" for name, expression in made.items())
        + " from source where Mobile <> ''",
        "identifiers": {name: {"sql": expression} for name, expression in made.items()},
    }
    company = Company(tmp_path, {"shop_orders": till | orders, "shop_customers": till | customers})
    header = "Bill,Day,Mobile\n"
    written = ("+91 98250 12345", "098250-12345", "9825012345", "+919825012345", "91 9825012345")
    bills = [f"B{n},2026-01-0{n + 1},{mobile}\n" for n, mobile in enumerate(written)]
    others = "B8,2026-01-08,9825099999\n", "B9,2026-01-09,\n"
    company.put("till_1.csv", header + "".join(bills[:3]) + others[0])
    company.put("till_2.csv", header + "".join(bills[3:]) + others[1])
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    counts = "select customer_id, count(*) from raw.shop_orders group by 1 order by 2, 1"
    before = company.query(counts)
    assert [n for _, n in before] == [1, 1, 5]
    clear_landing(company)
    assert company.forget("9825012345@telephone.example").elsewhere == ()
    after = company.query(counts)
    assert (after[:2], after[2][1]) == (before[:2], 5)
    assert after[2] != before[2]
    for path in (tmp_path / "archive").rglob("*.csv.zst"):
        assert b"12345" not in b"".join(archive.read(path))
    company.put("till_3.csv", header + "B10,2026-01-10,0 98250 12345\n")
    company.load()
    assert company.query(counts)[2] == (after[2][0], 6)


def test_without_a_hash_key_nobody_can_be_found(tmp_path: Path) -> None:
    company = Company(tmp_path, {"shop_orders": TABLES["shop_orders"]}, hash_key="")
    with pytest.raises(ErasureError, match="WAREHOUSE_HASH_KEY is not set"):
        company.forget()


def test_nothing_is_changed_where_rows_would_be_lost(tmp_path: Path) -> None:
    columns = {
        "customer_id": {"sql": "split_part(reference, '/', 1)"},
        "ordered_at": {"sql": "split_part(reference, '/', 2)"},
    }
    tables = {
        "shop_customers": {"location": "customers.csv", "load": "upsert"},
        "shop_orders": {"location": "orders.csv", "load": "upsert", "columns": columns},
    }
    company = Company(tmp_path, tables)
    company.put("customers.csv", f"customer_id,email,full_name,user_id,country\n12,{EMAIL},,,FR\n")
    company.put(
        "orders.csv", "order_id,reference,status,currency,total\nO1,12/2026-12-01,completed,EUR,5\n"
    )
    company.load()
    before = [company.query(f"from raw.{table}") for table in tables]
    with pytest.raises(ErasureError, match=r"'orders.csv' would lose 1 rows of s.shop_orders"):
        company.forget()
    assert company.rebuild().notes == ()
    assert [company.query(f"from raw.{table}") for table in tables] == before


def test_a_query_without_customers_says_so(tmp_path: Path) -> None:
    orders: dict[str, Any] = {
        "location": "orders.csv",
        "load": "upsert",
        "query": "select order_id, ordered_at, null as customer_id, status, 'EUR' as currency "
        "from source",
    }
    surveys: dict[str, Any] = {
        "location": "surveys.csv",
        "load": "append",
        "query": "select response_id, 'nps' as survey, null as email, 9 as score from source",
    }
    company = Company(
        tmp_path,
        {
            "shop_customers": TABLES["shop_customers"],
            "shop_orders": orders,
            "survey_responses": surveys,
        },
    )
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.put("orders.csv", "order_id,ordered_at,status\nO1,2026-01-01,new\n")
    company.put("surveys.csv", "response_id,name\nR1,Ann\n")
    company.load()
    with pytest.raises(ErasureError, match="'null'}` where it holds none") as told:
        company.forget()
    # All that is to be said about the files at once.
    assert [line.split(" is made by")[0] for line in str(told.value).splitlines()] == [
        "s.shop_orders",
        "s.survey_responses",
    ]
    orders["identifiers"] = {"customer_id": {"sql": "null"}}
    surveys["identifiers"] = {"email": {"sql": "null"}}
    company.forget()
    assert company.query("select order_id, customer_id from raw.shop_orders") == [("O1", None)]


def test_what_a_query_yields_by_a_star_stays(tmp_path: Path) -> None:
    query = "select *, 'EUR' as currency from source"
    orders: dict[str, Any] = {"location": "orders.csv", "load": "upsert", "query": query}
    company = Company(tmp_path, {"shop_customers": TABLES["shop_customers"], "shop_orders": orders})
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.put(
        "orders.csv", "order_id,ordered_at,customer_id,status,total\nO1,2026-01-01,CUST-1,new,5\n"
    )
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    with pytest.raises(ErasureError, match="hold customer_id, under `identifiers:`"):
        company.forget()
    orders["identifiers"] = {"customer_id": "customer_id"}
    company.forget()
    assert company.query(
        "select order_id, status, total, starts_with(customer_id, 'erased-') from raw.shop_orders"
    ) == [("O1", "new", 5, True)]


@pytest.mark.parametrize(
    ("pattern", "is_understood"),
    [
        ("'^(T[oö]tal|Sum)$'", True),
        ("'tal'", True),
        (r"'^T\pL+$'", False),
        ("lambda name: name like 'T%'", False),
    ],
)
def test_what_an_expression_takes_by_a_pattern_stays(
    tmp_path: Path, pattern: str, *, is_understood: bool
) -> None:
    """As does all else where it is not understood."""
    columns = {"total": {"sql": f"coalesce(*columns({pattern}))"}}
    orders = {"location": "orders.csv", "load": "upsert", "columns": columns}
    company = Company(tmp_path, {"shop_customers": TABLES["shop_customers"], "shop_orders": orders})
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    header = "order_id,ordered_at,customer_id,status,currency,Tötal,Street\n"
    company.put("orders.csv", f"{header}O1,2026-01-01,CUST-1,new,EUR,5.25,Rua 5\n")
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    company.forget()
    assert company.query("select total::varchar from raw.shop_orders") == [("5.2500",)]
    assert (b"Rua 5" not in kept_bytes(company, "shop_orders")) == is_understood


def test_nothing_is_changed_where_a_figure_would_be(tmp_path: Path) -> None:
    """Nor is a later file loaded that would say another one of a person who was forgotten."""
    columns = {"score": {"sql": "length(mail)"}, "email": "mail"}
    surveys = {"location": "surveys*.csv", "load": "append", "columns": columns}
    tables = {"shop_customers": TABLES["shop_customers"], "survey_responses": surveys}
    company = Company(tmp_path, tables)
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.load()
    company.forget()
    survey = f"response_id,survey,answered_at,mail\nR1,nps,2026-01-01,{EMAIL}\n"
    company.put("surveys_1.csv", survey)
    outcome = company.load().outcomes[-1]
    said = "'surveys_1.csv' would say something else of s.survey_responses.score: that is made of "
    assert said in (outcome.reason or "")
    (tmp_path / "other").mkdir()
    company = Company(tmp_path / "other", tables)
    company.put("customers_1.csv", CUSTOMERS.encode("cp1252"))
    company.put("surveys_1.csv", survey)
    company.load()
    with pytest.raises(ErasureError, match=said):
        company.forget()
    assert company.query("select score from raw.survey_responses") == [(len(EMAIL),)]


def test_what_personal_data_are_made_of_is_emptied_now_and_later(tmp_path: Path) -> None:
    """Also a column whose name is part of one that something else is made of."""
    columns = {
        "email": {"sql": "lower(mail)"},
        "user_id": {"sql": "lower(login)"},
        "full_name": {"sql": "first || ' ' || last"},
        "country": {"sql": "upper(country_name)"},
    }
    table = {"location": "customers*.csv", "load": "upsert", "columns": columns}
    company = Company(tmp_path, {"shop_customers": table})
    header = "customer_id,mail,login,first,last,name,country_name\n"
    hers = f"CUST-1,{EMAIL.title()},Secret-Login,Ann,Lee,Ann Lee,fr\n"
    company.put("customers_1.csv", header + hers)
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    clear_landing(company)
    assert company.forget().elsewhere == ()
    company.put("customers_2.csv", header + hers.replace("fr", "de"))
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    ((number,),) = company.query("select distinct customer_id from raw.shop_customers")
    kept = {b"".join(archive.read(path)) for path in (tmp_path / "archive").rglob("*.csv.zst")}
    assert kept == {f"{header}{number},,,,,,{country}\n".encode() for country in ("fr", "de")}


def test_a_query_must_say_which_columns_hold_names(tmp_path: Path) -> None:
    table: dict[str, Any] = {
        "location": "customers.csv",
        "load": "upsert",
        "query": "select customer_id, email, Nom as full_name, null as country from source",
        "identifiers": {"customer_id": "customer_id", "email": "email"},
    }
    company = Company(tmp_path, {"shop_customers": table})
    company.put("customers.csv", f"customer_id,email,Nom\nCUST-1,{EMAIL},Ann Lee\n")
    company.load()
    with pytest.raises(ErasureError, match="hold full_name, under `identifiers:`"):
        company.forget()
    table["identifiers"]["full_name"] = "Nom"
    company.forget()
    assert b"Ann Lee" not in kept_bytes(company, "shop_customers")


@pytest.mark.parametrize("email", ["", "ann", "@", "a b@c.d", "a@b.c,d@e.f"])
def test_what_is_no_address_is_refused(tmp_path: Path, email: str) -> None:
    with pytest.raises(ErasureError, match="no e-mail address"):
        Company(tmp_path, {"shop_orders": TABLES["shop_orders"]}).forget(email)


def kept_bytes(company: Company, table: str) -> bytes:
    """What the archive keeps of the table's only file."""
    ((content_hash,),) = company.query(
        f"select distinct content_hash from ops.ledger where table_name = '{table}'"
    )
    kept = archive.find(company.root / "archive", content_hash)
    assert kept
    return b"".join(archive.read(kept))


def test_rows_of_others_keep_their_bytes(tmp_path: Path) -> None:
    company = Company(
        tmp_path, {name: dict(TABLES[name]) for name in ("survey_responses", "support_tickets")}
    )
    before = (
        b"\xef\xbb\xbf" + b'"response_id",survey,customer_id,email,score,comment\r\n'
        b'R1,nps,"C1",bob@example.com,9,"Said ""yes"",\r\nand left"\r\n'
        b'R2,"nps",CUST-1,ann.lee@example.com,3,Fine\r\n'
        b"\r\n"
        b'R3,nps,C2,"",4,"write to Ann.Lee@example.com"\r\n'
        b'R4,nps,"C3","",5,""'
    )
    tickets = "".join(json.dumps(ticket) + "\r\n" for ticket in TICKETS).removesuffix("\r\n")
    company.put("surveys.csv", before)
    company.put("tickets.jsonl", tickets)
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded", "loaded"]
    clear_landing(company)
    assert company.forget().elsewhere == ()

    ((customer,),) = company.query(
        "select customer_id from raw.survey_responses where response_id = 'R2'"
    )
    assert kept_bytes(company, "survey_responses") == before.replace(
        b'R2,"nps",CUST-1,ann.lee@example.com,3,Fine', f"R2,nps,{customer},,3,".encode()
    ).replace(b'"",4,"write to Ann.Lee@example.com"', b",4,write to [email]")
    mine, other = kept_bytes(company, "support_tickets").split(b"\r\n")
    assert other == tickets.split("\r\n")[1].encode()
    assert json.loads(mine)["email"] is None


def test_a_person_goes_from_a_file_whose_lines_end_in_several_ways(tmp_path: Path) -> None:
    company = Company(tmp_path, {"survey_responses": dict(TABLES["survey_responses"])})
    company.put(
        "surveys.csv",
        b"response_id,survey,customer_id,email,score,comment\r\n"
        b"R1,nps,C1,bob@example.com,9,\n"
        b"R2,nps,CUST-1,ann.lee@example.com,3,Fine\r\n"
        b"R3,nps,C2,,4,\n",
    )
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    clear_landing(company)
    assert company.forget().elsewhere == ()
    assert company.query(
        "select response_id, score, email is null, comment from raw.survey_responses order by 1"
    ) == [("R1", 9, False, None), ("R2", 3, True, None), ("R3", 4, True, None)]
    assert b"ann.lee" not in kept_bytes(company, "survey_responses")


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"], ids=["as delivered", "mixed line ends"])
def test_a_person_goes_from_a_report_with_lines_around_its_rows(
    tmp_path: Path, ending: bytes
) -> None:
    lines = {"header_line": 3, "footer_lines": 2}
    company = Company(tmp_path, {"survey_responses": TABLES["survey_responses"] | lines})
    company.put(
        "surveys.csv",
        b'Answers of May\r\n"for ann.lee@example.com"\r\n'
        b"response_id,survey,customer_id,email,score,comment\r\n"
        b"R1,nps,C1,bob@example.com,9," + ending + b"R2,nps,CUST-1,ann.lee@example.com,3,Fine\r\n"
        b"\r\nThe end\r\nMade by Ann.Lee@example.com\r\n",
    )
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    clear_landing(company)
    assert company.forget().elsewhere == ()
    assert b"ann.lee" not in kept_bytes(company, "survey_responses").lower()
    rows = "select response_id, score, email is null from raw.survey_responses order by 1"
    assert company.query(rows) == [("R1", 9, False), ("R2", 3, True)]
    assert company.rebuild().notes == ()
    assert company.query(rows) == [("R1", 9, False), ("R2", 3, True)]


def test_of_a_parquet_file_everything_else_stays(tmp_path: Path) -> None:
    """Numbers as identifiers, dictionaries, lists, several pieces, an address in another's text."""
    count, hers = 20_000, 12_345
    ids = [None if row == 7 else row for row in range(count)]
    emails = [EMAIL if row == hers else f"p{row}@example.com" for row in range(count)]
    columns: dict[str, pyarrow.Array] = {
        "lead_id": pyarrow.array(ids, pyarrow.int64()),
        "created_at": pyarrow.array([datetime(2026, 1, 1)] * count, pyarrow.timestamp("us")),
        "email": pyarrow.array(emails).dictionary_encode(),
        "company": pyarrow.array([None if row % 3 else f"Firm {row}" for row in range(count)]),
        "country": pyarrow.array(
            [f"see {EMAIL.upper()}" if row == 9 else "FR" for row in range(count)]
        ),
        "phones": pyarrow.array([[str(row)] for row in range(count)]),
        "copies": pyarrow.array(
            [{"to": [EMAIL if row == 11 else "x"], "at": row} for row in range(count)]
        ),
    }
    before = pyarrow.table(columns)
    company = Company(tmp_path, {"crm_leads": {**TABLES["crm_leads"], "tolerance": 0.1}})
    pyarrow.parquet.write_table(before, company.landing / "leads.parquet")
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    clear_landing(company)
    report = company.forget()
    assert (report.rows_changed, report.elsewhere) == (1, ())

    after = pyarrow.parquet.read_table(
        pyarrow.BufferReader(kept_bytes(company, "crm_leads"))
    ).to_pydict()
    wanted = before.to_pydict()
    stand_in = after["lead_id"][hers]
    assert stand_in.startswith("erased-")
    wanted["lead_id"] = [None if one is None else str(one) for one in ids]
    wanted["lead_id"][hers] = stand_in
    wanted["email"][hers] = wanted["phones"][hers] = wanted["copies"][hers] = None
    wanted["copies"][11]["to"] = ["[email]"]
    wanted["country"][9] = "see [email]"
    assert after == wanted


def test_texts_that_a_parquet_file_holds_as_bytes_are_erased_too(tmp_path: Path) -> None:
    columns = {
        "lead_id": ["L1", "L2"],
        "created_at": ["2026-01-01", "2026-01-02"],
        "email": [EMAIL, "bob@example.com"],
        "full_name": ["Ann Lee", "Bob Été"],
        "company": ["Firm", f"sees {EMAIL.upper()}"],
        "country": ["FR", "DE"],
    }
    before = {name: [one.encode() for one in values] for name, values in columns.items()}
    company = Company(tmp_path, {"crm_leads": TABLES["crm_leads"]})
    pyarrow.parquet.write_table(pyarrow.table(before), company.landing / "leads.parquet")
    assert [outcome.status for outcome in company.load().outcomes] == ["loaded"]
    clear_landing(company)
    assert company.forget().elsewhere == ()
    kept = pyarrow.parquet.read_table(pyarrow.BufferReader(kept_bytes(company, "crm_leads")))
    stand_in = kept.column("lead_id")[0].as_py()
    assert stand_in.startswith(b"erased-")
    assert kept.to_pydict() == {
        **before,
        "lead_id": [stand_in, b"L2"],
        "email": [None, b"bob@example.com"],
        "full_name": [None, "Bob Été".encode()],
        "company": [b"Firm", b"sees [email]"],
    }


def test_what_is_no_row_of_a_workbook_is_none_after_an_erasure(tmp_path: Path) -> None:
    table = {"location": "c*.xlsx", "load": "upsert", "format": "xlsx", "tolerance": 1}
    company = Company(tmp_path, {"shop_customers": table})
    header = ["customer_id", "email", "full_name", "user_id", "country"]
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (header, ["C1", EMAIL], header, ["C2", "bob@example.com"], ["Total"]):
        sheet.append(row)
    workbook.save(company.landing / "c1.xlsx")
    company.load()
    clear_landing(company)
    company.forget()
    company.rebuild()
    others = (
        "select customer_id from raw.shop_customers where not starts_with(customer_id, 'erased-')"
    )
    assert company.query(others) == [("C2",)]


def test_no_file_is_held_in_memory_whole(tmp_path: Path) -> None:
    """Two of 200 MB: of texts that pack well, so that there are few rows to work through."""
    rows = 20_000
    email = f"case when i = 999 then '{EMAIL}' else 'p' || i || '@example.com' end as email"
    with duckdb.connect() as connection:
        for file in ("leads.parquet (row_group_size 4096)", "surveys.csv (format csv)"):
            name, options = file.split(" ", 1)
            connection.execute(
                f"copy (select 'L' || i as lead_id, {email}, i || repeat('x', 10000) as notes "
                f"from range({rows}) t(i)) to '{tmp_path / name}' {options}"
            )
    assert (tmp_path / "surveys.csv").stat().st_size > 200_000_000
    shown = subprocess.run(
        [sys.executable, "-m", "tests.unit.ingestion.forgetting_worker", str(tmp_path)],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    peaks = json.loads(shown.stdout)
    # About 230 and 10; read whole, 990 and at least the file's 200.
    assert peaks["rewriting"] < 450
    assert peaks["searching"] < 100
    with pyarrow.parquet.ParquetFile(tmp_path / "leads.parquet.redacted.parquet") as file:
        assert file.metadata.num_rows == rows
        emails = file.read(["email"]).column("email").to_pylist()
    assert [row for row, email in enumerate(emails) if email is None] == [999]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_campaigns_keep_their_names_and_representatives_their_orders(
    tmp_path: Path, ending: str
) -> None:
    tables = {
        name: {"location": f"{name}.{ending}", "load": "append", "format": ending}
        for name in ("crm_reps", "crm_leads")
    }
    company = Company(tmp_path, tables)
    reps = [("rep_id", "full_name", "email", "team", "valid_from")]
    reps += [(EMAIL, "Ann", EMAIL, "A", "2026-01-01"), ("r2", "Bob", "b@x.org", "A", "2026-01-01")]
    leads = [("lead_id", "created_at", "owner_rep_id", "utm_campaign")]
    leads += [
        ("L1", "2026-01-02", EMAIL.upper(), "fair"),
        ("L2", "2026-01-02", "r2", f"by {EMAIL}"),
    ]
    for name, (header, *values) in (("crm_reps", reps), ("crm_leads", leads)):
        rows = [dict(zip(header, row, strict=True)) for row in values]
        table = pyarrow.Table.from_pylist(rows)
        to = company.landing / f"{name}.{ending}"
        if ending == "parquet":
            pyarrow.parquet.write_table(table, to)
        elif ending == "csv":
            pyarrow.csv.write_csv(table, to)
        else:
            to.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert {outcome.status for outcome in company.load().outcomes} == {"loaded"}
    campaigns = "select utm_campaign from raw.crm_leads order by 1"
    before = company.query(campaigns)
    clear_landing(company)
    assert company.forget().elsewhere == ()
    assert company.query(campaigns) == before == [("by [email]",), ("fair",)]
    assert company.query(
        "select lead_id, team, starts_with(rep_id, 'erased-') from raw.crm_leads "
        "join raw.crm_reps on owner_rep_id = rep_id order by 1"
    ) == [("L1", "A", True), ("L2", "A", False)]


def test_a_column_that_is_named_by_the_address_gets_another_name(tmp_path: Path) -> None:
    company = Company(tmp_path, {"shop_customers": TABLES["shop_customers"]})
    header, *rows = CUSTOMERS.splitlines()
    content = "\n".join([f"{header};{EMAIL.upper()}", *(f"{row};x" for row in rows)])
    company.put("customers_1.csv", content.encode("cp1252"))
    company.load()
    report = company.forget()
    assert (report.files_rewritten, report.rows_changed, report.elsewhere) == (1, 1, ())
    assert company.query("select count(*), count(email) from raw.shop_customers") == [(2, 1)]
