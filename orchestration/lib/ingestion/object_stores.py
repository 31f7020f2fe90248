"""Files in S3-compatible stores: listed, streamed to a private copy, loaded like any file.

An object whose ETag is that of a loaded one is not fetched again. Endpoint, region and keys come
from the usual environment variables and from nowhere else; the store's own error texts are not
repeated, only their codes.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.lib import points
from orchestration.lib.ingestion import files
from orchestration.lib.ingestion.files import FileChangedError, FileRefusedError, StagedFile
from orchestration.lib.ingestion.landing import remember, remembered
from orchestration.lib.ingestion.run import Run
from orchestration.lib.ingestion.transient import UnavailableError, attempt

_CONNECT_SECONDS, _READ_SECONDS = 10, 60
# The most that a store lists at once.
PAGE_SIZE = 1_000
_WILDCARD = re.compile(r"[*?\[]")
_TRANSIENT_CODES = (
    "SlowDown",
    "RequestTimeout",
    "InternalError",
    "ServiceUnavailable",
    "Throttling",
)
_CODES = {
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": "there is no such object",
    "AccessDenied": "these keys may not read it",
    "InvalidAccessKeyId": "AWS_ACCESS_KEY_ID is not known there",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not fit",
    "ExpiredToken": "AWS_SESSION_TOKEN has expired",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set AWS_REGION",
}


@dataclass(frozen=True)
class StoredObject:
    """One object of a listing; `url` is its name in ledger and messages."""

    bucket: str
    key: str
    etag: str
    size: int
    manifest: "StoredObject | None" = None

    @property
    def url(self) -> str:
        """Its address, such as `s3://bucket/folder/orders.csv`."""
        return f"s3://{self.bucket}/{self.key}"


class EtagCache:
    """Content hashes of objects by ETag and size; losing them costs time only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = remembered(path)
        self._is_changed = False

    @staticmethod
    def _name(found: StoredObject) -> str:
        # The same address in another store is another object.
        return f"{settings.variable('AWS_ENDPOINT_URL')} {found.url}"

    def get(self, found: StoredObject) -> str | None:
        """The hash of an object that has not changed, or None."""
        known = self._known.get(self._name(found))
        return str(known[2]) if known and known[:2] == [found.etag, found.size] else None

    def put(self, found: StoredObject, content_hash: str) -> None:
        """Remembers the hash of an object."""
        self._known[self._name(found)] = [found.etag, found.size, content_hash]
        self._is_changed = True

    def save(self) -> None:
        """Writes what was learnt."""
        if not self._is_changed:
            return
        remember(self._path, self._known)
        points.reached("object hashes kept")


def _client() -> Any:
    return _client_of(
        settings.variable("AWS_ENDPOINT_URL"),
        settings.variable("AWS_REGION") or "us-east-1",
        settings.variable("AWS_ACCESS_KEY_ID"),
        settings.variable("AWS_SECRET_ACCESS_KEY"),
        settings.variable("AWS_SESSION_TOKEN"),
    )


# Making one takes longer than fetching a small object.
@lru_cache(maxsize=1)
def _client_of(endpoint: str, region: str, key: str, secret: str, token: str) -> Any:
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=key or None,
        aws_secret_access_key=secret or None,
        aws_session_token=token or None,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            # `attempt` does it, for listing and for streaming alike.
            retries={"mode": "standard", "total_max_attempts": 1},
            signature_version=None if key else UNSIGNED,
            # Other stores than Amazon's seldom have a host name per bucket.
            s3={"addressing_style": "path" if endpoint else "auto"},
        ),
    )


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turns the client's errors into sentences that hold no key, host or header."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as BotoConnectionError

    fault: FileRefusedError
    try:
        yield
        return
    except ClientError as error:
        fault = _refusal(error.response)
    except (BotoConnectionError, HTTPClientError) as error:
        cause = re.sub(r"(?<!^)([A-Z])", r" \1", type(error).__name__.removesuffix("Error")).lower()
        fault = UnavailableError(
            f"is in a store that does not answer ({cause}); check AWS_ENDPOINT_URL, it is asked "
            "again at the next refresh."
        )
    except (BotoCoreError, ValueError) as error:
        fault = FileRefusedError(
            f"cannot be asked for ({type(error).__name__}); check AWS_ENDPOINT_URL, AWS_REGION and "
            "the keys."
        )
    raise fault


def _refusal(response: dict[str, Any]) -> FileRefusedError:
    code = str(response.get("Error", {}).get("Code", ""))
    code = code if re.fullmatch(r"[A-Za-z0-9]{1,40}", code) else "an unknown error"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in ("PreconditionFailed", "412"):
        return FileChangedError("changed while it was read; it is tried again at the next refresh.")
    if status >= 500 or code in _TRANSIENT_CODES:
        return UnavailableError(f"is in a store that is not available ({code}).")
    known = _CODES.get(code)
    return FileRefusedError(
        f"is refused by the store ({code}){f': {known}' if known else ''}; check the address and "
        "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY."
    )


def listing(location: str) -> list[StoredObject]:
    """The objects at an address or glob, with their manifests, in natural order of their names.

    Raises `FileRefusedError`, also where the store does not answer after some attempts.
    """
    bucket, _, pattern = location.removeprefix("s3://").partition("/")
    wildcard = _WILDCARD.search(pattern)
    prefix = pattern[: wildcard.start()] if wildcard else pattern
    matches = re.compile(_translate(pattern))
    found = attempt(lambda: _list(bucket, prefix))
    # A manifest begins with its object's name: it is in the same listing.
    by_key = {entry.key: entry for entry in found}
    wanted = [
        replace(entry, manifest=by_key.get(entry.key + files.MANIFEST_ENDING))
        for entry in found
        if matches.fullmatch(entry.key) and files.is_data(entry.key)
    ]
    return sorted(wanted, key=lambda entry: files.natural_order(entry.url))


def _list(bucket: str, prefix: str) -> list[StoredObject]:
    with _told_plainly():
        pages = (
            _client()
            .get_paginator("list_objects_v2")
            .paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": PAGE_SIZE})
        )
        return [
            StoredObject(bucket, entry["Key"], entry["ETag"], int(entry["Size"]))
            for page in pages
            for entry in page.get("Contents", [])
        ]


def _translate(pattern: str) -> str:
    """A glob as a regular expression; `*` stays within one folder, `**` does not."""
    parts = re.split(r"(\*\*/|\*|\?|\[[^\]]+\])", pattern)
    known = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        known.get(part) or (part.replace("[!", "[^") if part[:1] == "[" else re.escape(part))
        for part in parts
    )


def fetch(run: Run, found: StoredObject, *, max_ratio: int) -> StagedFile:
    """A private copy of exactly the listed version, its manifest beside it.

    Raises `FileRefusedError`.
    """
    incoming = run.scratch / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    copy = incoming / f"{uuid.uuid4().hex}{files.ending_of(found.key)}"
    run.progress(f"{found.url} ({found.size:,} bytes)")
    content_hash = attempt(lambda: _download(found, copy))
    if manifest := found.manifest:
        beside = copy.with_name(copy.name + files.MANIFEST_ENDING)
        attempt(lambda: _download(manifest, beside))
    return files.prepare(copy, found.url, content_hash, found.size, max_ratio=max_ratio)


def _download(found: StoredObject, copy: Path) -> str:
    with _told_plainly():
        answer = _client().get_object(Bucket=found.bucket, Key=found.key, IfMatch=found.etag)
        content_hash, size = files.copy_pieces(answer["Body"].iter_chunks(files.CHUNK), copy)
    if size != found.size:
        raise UnavailableError("came incomplete from its store; it is fetched again.")
    return content_hash
