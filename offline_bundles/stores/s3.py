"""Objects in a bucket of S3 or whatever speaks its language. Names are digests, so nothing is ever written twice.

No server that was measured verifies checksums on its own: what is read by whoever needs proof is hashed again there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from offline_bundles.errors import MissingObject
from offline_bundles.forms import DIGEST
from offline_bundles.stores.hashing import digest_of

PREFIX = "objects/"
TRIES = 5
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


def s3_client(endpoint: str | None = None, region: str | None = None) -> Any:
    """Credentials come from where boto3 looks for them: the environment, a profile, the machine's role."""
    config = Config(retries={"max_attempts": TRIES, "mode": "standard"}, s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=endpoint, region_name=region, config=config)


@dataclass(frozen=True, slots=True)
class S3Store:
    client: Any
    bucket: str

    def _name(self, digest: str) -> dict[str, str]:
        if not DIGEST.fullmatch(digest):
            raise MissingObject(f"{digest[:80]!r} is no object's name.")
        return {"Bucket": self.bucket, "Key": f"{PREFIX}{digest[:2]}/{digest}"}

    def has(self, digest: str) -> bool:
        try:
            self.size(digest)
        except MissingObject:
            return False
        return True

    def hold(self, digest: str) -> bool:
        """Nothing is collected in a bucket: its own rules for old versions do that."""
        return self.has(digest)

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        if not self.has(digest):
            self.client.put_object(**self._name(digest), Body=content)
        return digest

    def put_file(self, path: Path) -> str:
        with path.open("rb") as file:
            return self.put_from(file)

    def put_from(self, content: BinaryIO) -> str:
        content.seek(0)
        digest = digest_of(content)
        if not self.has(digest):
            content.seek(0)
            self.client.upload_fileobj(content, **self._name(digest))
        return digest

    def open(self, digest: str) -> BinaryIO:
        return BytesIO(self.read(digest))

    def size(self, digest: str) -> int:
        try:
            return int(self.client.head_object(**self._name(digest))["ContentLength"])
        except ClientError as error:
            raise _missing(error, digest) from error

    def read(self, digest: str, offset: int = 0, length: int | None = None) -> bytes:
        if length == 0 or (offset and offset >= self.size(digest)):
            return b""
        end = "" if length is None else offset + length - 1
        stretch = {"Range": f"bytes={offset}-{end}"} if offset or length is not None else {}
        try:
            return bytes(self.client.get_object(**self._name(digest), **stretch)["Body"].read())
        except ClientError as error:
            raise _missing(error, digest) from error

    def digests(self) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX)
        for page in pages:
            for entry in page.get("Contents", ()):
                yield entry["Key"].rpartition("/")[2]


def _missing(error: ClientError, digest: str) -> Exception:
    return MissingObject(f"Object {digest} is not here.") if error.response["Error"]["Code"] in ABSENT else error
