"""An S3-compatible store on loopback: objects come once, whole, and tell no key."""

import gzip
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from orchestration.lib.ingestion import object_stores, transient
from tests.integration.postgres import free_port
from tests.unit.ingestion.house import House

SECRET = "canary-s3cret"  # noqa: S105 - what must show up nowhere
KEY = "canary-key-id"
HEADER = "thing_id,label\n"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(transient, "PAUSES", (0.0, 0.0))
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="exports")
    for entry in client.list_objects_v2(Bucket="exports").get("Contents", []):
        client.delete_object(Bucket="exports", Key=entry["Key"])
    return client


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the objects whose bytes were asked for."""
    keys: list[str] = []
    download = object_stores._download

    def counted(found: object_stores.StoredObject, copy: Path) -> str:
        keys.append(found.key)
        return download(found, copy)

    monkeypatch.setattr(object_stores, "_download", counted)
    return keys


def house_of(root: Path, location: str = "s3://exports/shop/*.csv", **more: Any) -> House:
    return House(root, {"things": {"location": location, "load": "upsert", **more}})


def put(store: Any, key: str, text: str) -> None:
    body = gzip.compress(text.encode()) if key.endswith(".gz") else text.encode()
    store.put_object(Bucket="exports", Key=key, Body=body)


def statuses(house: House) -> list[tuple[str, str]]:
    return [(outcome.file_name, outcome.status) for outcome in house.load().outcomes]


def test_objects_are_loaded_once_and_archived(
    store: Any, tmp_path: Path, fetched: list[str]
) -> None:
    put(store, "shop/things 1.csv", f"{HEADER}1,é\n")
    put(store, "shop/things 10.csv", f"{HEADER}10,x\n")
    put(store, "shop/old/things.csv", f"{HEADER}2,deeper\n")
    put(store, "shop/things.csv.part", f"{HEADER}3,unfinished\n")
    put(store, "shop/.hidden.csv", f"{HEADER}4,hidden\n")
    house = house_of(tmp_path)
    assert statuses(house) == [
        ("s3://exports/shop/things 1.csv", "loaded"),
        ("s3://exports/shop/things 10.csv", "loaded"),
    ]
    assert house.query("select thing_id, label from raw.things order by 1") == [
        ("1", "é"),
        ("10", "x"),
    ]
    assert {status for _, status in statuses(house)} == {"already_loaded"}
    assert fetched == ["shop/things 1.csv", "shop/things 10.csv"]
    house.database.unlink()
    (tmp_path / "build" / "object_hashes.json").unlink()
    assert {status for _, status in statuses(house)} == {"already_loaded"}
    assert house.query("select count(*) from raw.things") == [(2,)]


def test_new_content_under_a_known_name_is_fetched_again(
    store: Any, tmp_path: Path, fetched: list[str]
) -> None:
    house = house_of(tmp_path, "s3://exports/shop/**/*.csv.gz")
    put(store, "shop/a/things.csv.gz", f"{HEADER}1,a\n2,b\n")
    statuses(house)
    put(store, "shop/a/things.csv.gz", f"{HEADER}1,a\n2,c\n")
    assert statuses(house) == [("s3://exports/shop/a/things.csv.gz", "loaded")]
    assert house.query("select label from raw.things order by 1") == [("a",), ("c",)]
    assert len(fetched) == 2


def test_one_object_feeds_two_tables(store: Any, tmp_path: Path, fetched: list[str]) -> None:
    put(store, "both.jsonl", '{"thing_id": 1, "label": "x", "person_id": 7, "email": "a@b.fr"}\n')
    table = {"location": "s3://exports/both.jsonl", "load": "upsert", "format": "jsonl"}
    house = House(tmp_path, {"things": table, "people": table})
    assert [outcome.rows_loaded for outcome in house.load().outcomes] == [1, 1]
    assert fetched == ["both.jsonl"]


def test_a_listing_of_many_pages_is_read_to_its_end(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_stores, "PAGE_SIZE", 2)
    for number in range(7):
        put(store, f"shop/{number}.csv", "")
    assert len(object_stores.listing("s3://exports/shop/*.csv")) == 7


def test_an_object_that_changes_after_the_listing_waits(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "shop/things.csv", f"{HEADER}1,a\n")
    listed = object_stores._list

    def then_changed(bucket: str, prefix: str) -> list[object_stores.StoredObject]:
        found = listed(bucket, prefix)
        put(store, "shop/things.csv", f"{HEADER}1,b\n")
        return found

    monkeypatch.setattr(object_stores, "_list", then_changed)
    house = house_of(tmp_path)
    assert statuses(house) == [("s3://exports/shop/things.csv", "waiting")]
    monkeypatch.setattr(object_stores, "_list", listed)
    assert statuses(house) == [("s3://exports/shop/things.csv", "loaded")]


def test_nothing_at_the_address_is_reported(store: Any, tmp_path: Path) -> None:
    (problem,) = house_of(tmp_path).load().problems
    assert problem == "s.things: no object matches 's3://exports/shop/*.csv'."


def test_the_manifest_of_an_object_is_believed(
    store: Any, tmp_path: Path, fetched: list[str]
) -> None:
    put(store, "shop/things.csv", f"{HEADER}1,cut off\n")
    put(store, "shop/things.csv.manifest.json", '{"rows": 2}')
    house = house_of(tmp_path, "s3://exports/shop/things*")
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert "where its manifest promises 2" in (outcome.reason or "")
    assert house.requeue().outcomes == ()
    put(store, "shop/things.csv.manifest.json", "[]")
    (outcome,) = house.load().outcomes
    assert "unusable manifest 'things.csv.manifest.json'" in (outcome.reason or "")
    put(store, "shop/things.csv", f"{HEADER}1,whole\n2,too\n")
    put(store, "shop/things.csv.manifest.json", '{"rows": 2}')
    fetched.clear()
    assert statuses(house) == [("s3://exports/shop/things.csv", "loaded")]
    assert fetched == ["shop/things.csv", "shop/things.csv.manifest.json"]
    assert statuses(house) == [("s3://exports/shop/things.csv", "already_loaded")]
    assert len(fetched) == 2


def test_a_refused_object_is_kept_and_tried_again(store: Any, tmp_path: Path) -> None:
    put(store, "shop/things.csv", "thing,label\n1,a\n")
    house = house_of(tmp_path)
    for _ in range(2):
        assert statuses(house) == [("s3://exports/shop/things.csv", "refused")]
    assert house.query("select count(*) from ops.ledger") == [(1,)]
    assert list((tmp_path / "quarantine").rglob("*.zst"))


FAULTS = {
    "no bucket": ("s3://nothing-here/*.csv", {}, "NoSuchBucket"),
    "server down": (None, {"AWS_ENDPOINT_URL": "down"}, "does not answer"),
    "no address": (None, {"AWS_ENDPOINT_URL": f"{SECRET}/x"}, "check AWS_ENDPOINT_URL"),
}


@pytest.mark.parametrize(("location", "variables", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_without_the_keys(  # noqa: PLR0917 - fixtures and cases
    store: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    location: str | None,
    variables: dict[str, str],
    reason: str,
) -> None:
    for name, value in variables.items():
        down = f"http://127.0.0.1:{free_port()}"
        monkeypatch.setenv(name, down if value == "down" else value)
    house = house_of(tmp_path, location or "s3://exports/shop/*.csv")
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert reason in (outcome.reason or "")
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(word.encode() in written for word in (SECRET, KEY))
    assert not any(word in "".join(capfd.readouterr()) for word in (SECRET, KEY))


def test_a_refused_key_is_not_tried_again() -> None:
    answers = {"Error": {"Code": "InvalidAccessKeyId", "Message": f"{KEY} {SECRET}"}}
    fault = object_stores._refusal(answers)
    assert not isinstance(fault, transient.UnavailableError)
    assert "AWS_ACCESS_KEY_ID is not known there" in str(fault)
    assert KEY not in str(fault)


@pytest.mark.parametrize("code", ["SlowDown", "InternalError"])
def test_a_busy_store_is_asked_again(code: str) -> None:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    assert isinstance(object_stores._refusal(answer), transient.UnavailableError)


@pytest.mark.parametrize(
    ("pattern", "key", "is_match"),
    [
        ("a/*.csv", "a/b.csv", True),
        ("a/*.csv", "a/b/c.csv", False),
        ("a/**/*.csv", "a/b/c.csv", True),
        ("a/**/*.csv", "a/c.csv", True),
        ("a/?.csv", "a/é.csv", True),
        ("a/[0-9].csv", "a/5.csv", True),
        ("a/[!0-9].csv", "a/5.csv", False),
        ("a/b+c(1).csv", "a/b+c(1).csv", True),
        ("a/b.csv", "a/bXcsv", False),
    ],
)
def test_globs_over_keys(pattern: str, key: str, is_match: bool) -> None:
    assert bool(re.fullmatch(object_stores._translate(pattern), key)) == is_match
