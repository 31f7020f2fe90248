"""Identifiers become keyed hashes, free text vanishes, nothing personal is shown."""

import hashlib
import hmac
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.ingestion import emails, headers, personal, urls
from orchestration.lib.ingestion.personal import HashKeyError
from orchestration.lib.ingestion.values import REMEDIES
from orchestration.settings import SHIPPED_SEEDS_DIR
from tests.unit.ingestion.house import KEY, House


def expected(kind: str, text: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()


@settings(deadline=None)
@given(
    key=st.text(min_size=1, max_size=100).filter(lambda text: "\0" not in text),
    text=st.text(max_size=40).filter(lambda text: "\0" not in text),
)
def test_pseudonym_is_hmac_sha256(key: str, text: str) -> None:
    with duckdb.connect() as connection:
        personal.set_key(connection, key)
        row = connection.execute(
            f"select {personal.pseudonym('$text', 'identifier')}", {"text": text}
        ).fetchone()
    assert row == (expected("identifier", text.strip(personal.WHITESPACE), key),)


def people(root: Path, content: str, **settings: object) -> House:
    house = House(root, {"people": {"location": "people.csv", "load": "upsert", **settings}})
    house.put("people.csv", content)
    return house


def test_emails_are_normalised_and_kinds_do_not_meet(tmp_path: Path) -> None:
    house = people(
        tmp_path,
        "person_id,email,login,full_name\n"
        "1, Ann@Example.org ,ann@example.org,Ann Other\n"
        "2,ann@example.org,Ann@Example.org,\n"
        "3,,,\n",
    )
    assert house.load().problems == ()
    assert house.query("select email, login, full_name from raw.people order by person_id") == [
        (expected("email", "ann@example.org"), expected("identifier", "ann@example.org"), None),
        (expected("email", "ann@example.org"), expected("identifier", "Ann@Example.org"), None),
        (None, None, None),
    ]


def test_marks_of_direction_belong_to_no_name_and_no_address(tmp_path: Path) -> None:
    """As Arabic and Hebrew exports put them around what runs from left to right."""
    house = people(
        tmp_path,
        "person_id,\u200eemail\u200f,login,full_name\n"
        "1,\u200eAnn@example.org\u200f,\u202aann\u202c,\n",
    )
    assert house.load().problems == ()
    assert house.query("select email, login from raw.people") == [
        (expected("email", "ann@example.org"), expected("identifier", "ann"))
    ]


RULES = personal.read_non_identifiers(SHIPPED_SEEDS_DIR / "identity" / "non_identifiers.csv")


def test_what_identifies_nobody_is_marked_and_rebuilt_by_the_rules_of_the_day(
    tmp_path: Path,
) -> None:
    house = people(
        tmp_path,
        "person_id,email,login,anonymous_id\n"
        "1,Info@Firm.example,Ann,c-1\n"
        "2,ann@x.org, NULL,undefined\n",
    )
    stored = "select email, login, anonymous_id from raw.people order by person_id"
    shared, ann = expected("email", "info@firm.example"), expected("email", "ann@x.org")
    somebody, null = expected("identifier", "Ann"), expected("identifier", "NULL")
    house.load()
    assert house.query(stored) == [(shared, somebody, "c-1"), (ann, null, "undefined")]
    house.non_identifiers = RULES
    house.rebuild()
    assert house.query(stored) == [
        (f"nobody-{shared}", somebody, "c-1"),
        (ann, f"nobody-{null}", "nobody-undefined"),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "is_nobody"),
    [
        *[(kind, text, True) for kind in RULES for text in ("unknown", " N/A ", "-", "Undefined")],
        *[("identifier", text, True) for text in ("0", "000-000", "2222222", "TEST", "guest")],
        *[("identifier", text, False) for text in ("7", "22", "12345678", "ann", "tests", "u-0")],
        ("anonymous_id", "00000000-0000-0000-0000-000000000000", True),
        ("anonymous_id", "ffffffff-ffff-ffff-ffff-ffffffffffff", True),
        ("anonymous_id", "0000000000000001", False),
        ("anonymous_id", "GA1.2.1234567.89", False),
        *[
            ("email", f"{name}@firm.example", True)
            for name in ("info", "No-Reply", "donotreply", "support", "compta", "null")
        ],
        *[("email", text, True) for text in ("ann", "ann@test", "ann@localhost")],
        *[
            ("email", text, False)
            for text in ("ann@firm.example", "info.ann@firm.example", "ann@info.example", "i@x.org")
        ],
    ],
)
def test_the_shipped_rules_tell_nobody_from_somebody(kind: str, text: str, is_nobody: bool) -> None:
    with duckdb.connect() as connection:
        personal.set_non_identifiers(connection, RULES)
        (value,) = connection.execute(
            f"select {personal.marked('$text', '$text', kind)}", {"text": text}
        ).fetchall()
    assert value == ((f"nobody-{text}" if is_nobody else text),)


def test_nothing_personal_reaches_the_database(tmp_path: Path) -> None:
    house = people(
        tmp_path,
        "person_id,email,full_name,age\n1,ann@example.org,Ann Other,x\n2,bob@example.org,Bob,1\n"
        "3,cat@example.org\n",
        tolerance=0.9,
    )
    house.load()
    stored = house.database.read_bytes()
    for text in (b"ann@example", b"Ann Other", b"bob@example", b"cat@example", KEY.encode()):
        assert text not in stored
    assert not (tmp_path / "build" / "ingestion").exists()


def test_without_a_key_identifiers_are_refused(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,email\n1,ann@example.org\n")
    house.hash_key = ""
    with pytest.raises(HashKeyError, match="WAREHOUSE_HASH_KEY is not set"):
        house.load()
    assert house.query("select count(*) from raw.people") == [(0,)]


def test_without_identifiers_no_key_is_needed(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,full_name,age\n1,Ann,3\n")
    house.hash_key = ""
    assert house.load().outcomes[0].rows_loaded == 1


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id\n1\n")
    house.hash_key = "short"
    with pytest.raises(HashKeyError, match="at least 32"):
        house.load()


def test_the_demo_needs_no_key(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,email\n1,a@example.org\n")
    house.hash_key, house.demo = "", True
    house.load()
    wanted = expected("email", "a@example.org", personal.DEMO_KEY)
    assert house.query("select email from raw.people") == [(wanted,)]


@pytest.mark.parametrize(
    ("delivered", "stored"),
    [
        ("https://shop.example/p/1", "https://shop.example/p/1"),
        ("https://shop.example/p?page=2&email=a@b.c", "https://shop.example/p"),
        (
            "https://shop.example/p?x=1&utm_source=News&gclid=Ab-1&UTM_Medium=cpc&sid=9",
            "https://shop.example/p?utm_source=News&gclid=Ab-1&UTM_Medium=cpc",
        ),
        ("/p?utm_source=", "/p?utm_source="),
        ("/p?utm_campaign=reset?token=s3cr3t&gclid=A?sid=9", "/p?utm_campaign=reset&gclid=A"),
        ("/p?sid=9?utm_source=News", "/p?utm_source=News"),
        ("/p?notutm_source=x&my_gclid=y", "/p"),
        ("/p?utm_campaign=reset;token=s3cr3t&gclid=A;sid=9", "/p?utm_campaign=reset&gclid=A"),
        ("/p?utm_campaign=reset%3Ftoken%3ds3cr3t", "/p?utm_campaign=reset"),
        ("/p?utm_campaign=reset%26user%5Bid%5D=9%26x", "/p?utm_campaign=reset"),
        ("/p?utm_campaign=reset%252523t%C3%A9l%25253D0612", "/p?utm_campaign=reset"),
        ("/p?sid=9;utm_source=News&amp;utm_term=a%3Db", "/p?utm_source=News&utm_term=a%3Db"),
        (
            "/p?utm_campaign=R%26D;+buy%3Bsave,%20Ready%3f",
            "/p?utm_campaign=R%26D;+buy%3Bsave,%20Ready%3f",
        ),
        ("https://shop.example/u/ann@example.com/edit", "https://shop.example/u/[email]/edit"),
        ("/u/ann%40example.com?utm_term=bob@example.com", "/u/[email]?utm_term=[email]"),
        ("https://ann:secret@shop.example/p", "https://shop.example/p"),
        ("https://shop.example/p#access_token=abc?x", "https://shop.example/p"),
        ("android-app://com.example.app/", "android-app://com.example.app/"),
        ("?", ""),
    ],
)
def test_addresses_keep_host_path_and_tracking_parameters(delivered: str, stored: str) -> None:
    row = (
        duckdb.connect()
        .execute(
            f"select {urls.reduced('x', 'kept')} from (select x, {urls.kept_parameters('x')} "
            f"as kept from (select {urls.masked('$1')} as x))",
            [delivered],
        )
        .fetchone()
    )
    assert row == (stored,)


def test_free_text_is_kept_where_the_source_opts_in(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,full_name,age\n1,Ann Lee,x\n2,Bob,3\n", tolerance=0.5)
    house.tables["people"]["keep_text"] = True
    house.load()
    assert house.query("select full_name from raw.people") == [("Bob",)]
    assert house.query("select column_name, raw_value from ops.quarantine") == [("age", "x")]


@pytest.mark.parametrize(
    ("delivered", "stored"),
    [
        ("ann.lee@example.com", "[email]"),
        ("Referred by Ann.Lee+x@Mail.Example.co.uk, twice", "Referred by [email], twice"),
        ("mail ann%40example.com_june", "mail [email]_june"),
        ("a%2540b.org and <c@d.org>", "[email] and <[email]>"),
        ('{"to": "ann@exämple.org"}', '{"to": "[email]"}'),
        ("連絡先 tanaka\uff20example.co.jp", "連絡先 [email]"),
        ("tanaka\uff20example\uff0ejp", "[email]"),
        ("展示会\uff20東京 2.5", "展示会\uff20東京 2.5"),
        ("2 @ 5.50", "2 @ 5.50"),
        ("i5@2.4GHz", "i5@2.4GHz"),
        ("Food@Work, @home, 40% off", "Food@Work, @home, 40% off"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_an_address_in_a_text_is_masked(
    delivered: str, stored: str, ending: str, tmp_path: Path
) -> None:
    house = House(tmp_path, {"things": {"location": "t*", "load": "append", "format": ending}})
    rows = [{"thing_id": "1", "label": delivered}, {"thing_id": "2", "label": "x"}]
    quoted = delivered.replace('"', '""')
    house.put(
        f"t.{ending}",
        f'thing_id,label\n1,"{quoted}"\n2,x\n'
        if ending == "csv"
        else "".join(json.dumps(row).replace("@", "\\u0040") + "\n" for row in rows),
    )
    house.load()
    assert house.query("select label from raw.things order by thing_id") == [(stored,), ("x",)]


def test_an_address_as_an_identifier_is_hashed_alike_everywhere(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,age\nann@example.org,3\nBob@example.org,x\nC1,5\n")
    house.tables["people"]["tolerance"] = 0.5
    house.tables["things"] = {"location": "things.csv", "load": "append"}
    house.put("things.csv", "thing_id,label\n ann@example.org,x\nann%40example.org,y\n")
    house.load()
    ann = expected("address", "ann@example.org")
    assert house.query("select person_id from raw.people order by age") == [(ann,), ("C1",)]
    assert house.query("select thing_id from raw.things order by label") == [
        (ann,),
        (expected("address", "ann%40example.org"),),
    ]
    assert b"example.org" not in house.database.read_bytes()


def test_without_a_key_an_address_as_an_identifier_is_refused(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,age\nann@example.org,3\nC1,5\n", tolerance=0.5)
    house.hash_key = ""
    house.load()
    assert house.query("select person_id from raw.people") == [("C1",)]
    refused = house.query("select column_name, reason_code, remedy from ops.quarantine")
    assert refused == [("person_id", "address_as_key", REMEDIES["address_as_key"])]


def test_a_refused_value_is_not_shown_where_it_holds_an_address(tmp_path: Path) -> None:
    house = people(tmp_path, "person_id,age\n1,ann%40example.org\n2,b@c.org\n3,4\n", tolerance=0.9)
    house.load()
    assert house.query("select raw_value from ops.quarantine") == [(None,), (None,)]


def test_a_refused_value_is_not_shown_where_it_may_identify_somebody(tmp_path: Path) -> None:
    columns = ["email", "full_name", "login", "page_url"]
    lines = f"person_id,{','.join(columns)}\n1,ann\0,Ann\0,ann\0,https://s.org/\0?name=Ann\n"
    house = people(tmp_path, lines, tolerance=1, keep_text=True)
    house.load()
    assert house.query(
        "select column_name, reason_code, raw_value from ops.quarantine order by 1"
    ) == [(column, "nul_byte", None) for column in columns]


def test_no_message_names_a_person_by_a_file_or_commands_a_terminal(tmp_path: Path) -> None:
    house = House(tmp_path, {"people": {"location": "*.csv", "load": "upsert"}})
    house.tables["people"]["tolerance"] = 0.6
    house.put("of ann@example.org \x1b[2J.csv", "person_id,email,age,\x1b[31m\n1,a,1,x\n2,b,y,x\n")
    house.put("bob%40example.org.txt", "of no source")
    report = house.load()
    assert list(report.problems) == [
        "1 files in landing are read by no source: '[email].txt'. Mend their names, or a "
        "`location:` in source.yaml; move those of a retired source away.",
        "s.people: 'of [email] \\x1b[2J.csv': 1 of 2 rows quarantined, see ops.quarantine; columns"
        " ignored: \\x1b[31m.",
    ]


def test_no_reason_of_a_refusal_holds_an_address(tmp_path: Path) -> None:
    house = House(tmp_path, {"people": {"location": "*.jsonl", "load": "upsert"}})
    house.tables["people"]["format"] = "jsonl"
    house.put("a.jsonl", '{"person_id": 1, "ann@example.org": 1, "ann@example.org": 2}\n')
    told = f"names {headers.HIDDEN!r} twice in the object of line 1; repair."
    assert house.load().problems == (f"s.people: 'a.jsonl' {told}",)
    assert house.query("select reason from ops.ledger") == [(told,)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shop/orders_2026.csv.gz", "shop/orders_2026.csv.gz"),
        ("shop/orders@2026.csv", "shop/orders@2026.csv"),
        ("shop/ann.lee@example.org.CSV.gz", "shop/[email].CSV.gz"),
        ("of ann%40example.org, 2.parquet", "of [email], 2.parquet"),
        ("ann@example.org", "[email]"),
        (".csv", ".csv"),
    ],
)
def test_messages_name_a_file_without_the_address_in_its_name(name: str, told: str) -> None:
    assert emails.without(name) == told
