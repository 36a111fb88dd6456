"""Objects in a bucket of S3 or whatever speaks its language. Names are digests, so nothing is ever written over.

No server that was measured verifies checksums on its own: what is read whole is hashed here, and what is written is
hashed while it is sent and only completed under the name that its bytes have.

An object's time is that of its last use, as in a folder: the object's own, or that of an empty mark beside it under
`uses/`. There is no renaming in a bucket, so who collects copies first, removes then, and looks at the mark last; who
holds marks first and looks then. Whichever comes first, the object is here afterwards, or whoever held it was told no.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from offline_bundles.errors import MissingObject, StoreFails, TamperedObject
from offline_bundles.forms import DIGEST
from offline_bundles.stores.hashing import digest_of
from offline_bundles.stores.stretches import HEALED, STRETCH_BYTES, Stretches

OBJECTS, USES, GRAVES = "objects/", "uses/", "collected/"
TRIES = 5
CONNECT_SECONDS_MAX = 5  # a bucket that does not answer by then is down; five tries follow
READ_SECONDS_MAX = 60  # between two pieces of an answer
ASK_SECONDS_MAX = 2  # of whether it answers at all: who asks that gives up soon himself
PART_BYTES = 8 << 20  # above it an object is sent in parts; S3 takes 10,000 of them, so 80 GB
USE_NOTED_SECONDS = 86_400  # collecting counts in weeks
NOTED_MAX = 100_000  # digests whose last use is remembered here, some 15 MB
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
THERE_ALREADY = 412  # by its number: Swift calls it InvalidRequest where parts are put together
# Swift does not know conditional writes; S3 answers so while another writer has not finished.
UNCONDITIONAL = frozenset({"501", "NotImplemented", "409", "ConditionalRequestConflict"})
BEYOND = frozenset({"416", "InvalidRange"})


def s3_client(endpoint: str | None = None, region: str | None = None, *, is_hasty: bool = False) -> Any:
    """Credentials come from where boto3 looks for them: the environment, a profile, the machine's role.

    A hasty one asks once, and waits `ASK_SECONDS_MAX` for the connection and as long again for the answer.
    """
    config = Config(
        retries={"total_max_attempts": 1 if is_hasty else TRIES, "mode": "standard"},
        s3={"addressing_style": "path"},
        signature_version="s3v4",
        connect_timeout=ASK_SECONDS_MAX if is_hasty else CONNECT_SECONDS_MAX,
        read_timeout=ASK_SECONDS_MAX if is_hasty else READ_SECONDS_MAX,
        # Checksums that boto3 would add by itself are refused by servers that do not know them, and prove nothing here.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with _said_plainly(""):
        return boto3.client("s3", endpoint_url=endpoint or None, region_name=region, config=config)


@dataclass(frozen=True, slots=True)
class S3Store:
    client: Any
    bucket: str
    prefix: str = ""  # "" or a path that ends with a slash
    _noted: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def _name(self, digest: str, kind: str = OBJECTS) -> dict[str, str]:
        if not DIGEST.fullmatch(digest):
            raise MissingObject(f"{digest[:80]!r} is no object's name.")
        return {"Bucket": self.bucket, "Key": f"{self.prefix}{kind}{digest[:2]}/{digest}"}

    def has(self, digest: str) -> bool:
        return self._head(digest) is not None

    def probe(self) -> None:
        """Asks the bucket for one name. Raises `StoreFails`."""
        with _said_plainly(""):
            self.client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix + OBJECTS, MaxKeys=1)

    def size(self, digest: str) -> int:
        return int(self._known(digest)["ContentLength"])

    def last_used(self, digest: str) -> float:
        """In seconds since 1970. Raises `MissingObject`."""
        return max(float(self._known(digest)["LastModified"].timestamp()), self._marked(digest))

    def used(self, digest: str, *, at: float) -> None:
        """Notes that an object was asked for, about once a day: it costs nothing to be asked often."""
        if at - self._noted.get(digest, 0) <= USE_NOTED_SECONDS:
            return
        with suppress(MissingObject):
            if at - self.last_used(digest) > USE_NOTED_SECONDS:
                self._mark(digest)
            if len(self._noted) >= NOTED_MAX:
                self._noted.clear()
            self._noted[digest] = at

    def hold(self, digest: str) -> bool:
        head = self._head(digest)
        if head is None:
            return False
        if time.time() - head["LastModified"].timestamp() <= USE_NOTED_SECONDS:
            return True  # nobody collects what is this young
        self._mark(digest)
        return self.has(digest)

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        if not self.hold(digest):
            with _said_plainly(digest):
                _once(self.client.put_object, **self._name(digest), Body=content)
        return digest

    def put_file(self, path: Path) -> str:
        with path.open("rb") as file:
            return self.put_from(file)

    def put_from(self, content: BinaryIO) -> str:
        """In parts where it is large; a file that changes meanwhile is not kept. Raises `TamperedObject`."""
        content.seek(0)
        digest = digest_of(content)
        size = content.tell()
        content.seek(0)
        if size <= PART_BYTES:
            return self.put(content.read(PART_BYTES))
        if not self.hold(digest):
            with _said_plainly(digest):
                self._put_in_parts(digest, content)
        return digest

    def _put_in_parts(self, digest: str, content: BinaryIO) -> None:
        upload = self._name(digest)
        upload["UploadId"] = self.client.create_multipart_upload(**upload)["UploadId"]
        is_done = False
        try:
            parts, found = self._send_parts(upload, content)
            if found != digest:
                raise TamperedObject(f"Object {digest} changed while it was sent. Try again once nobody writes it.")
            is_done = _once(self.client.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts})
        finally:
            if not is_done:
                with suppress(ClientError, BotoCoreError):  # `sweep` finds it later
                    self.client.abort_multipart_upload(**upload)

    def _send_parts(self, upload: dict[str, str], content: BinaryIO) -> tuple[list[dict[str, Any]], str]:
        """What S3 calls the parts, and the digest of what was sent."""
        digest, parts = sha256(), list[dict[str, Any]]()
        while part := content.read(PART_BYTES):
            digest.update(part)
            number = len(parts) + 1
            sent = self.client.upload_part(**upload, PartNumber=number, Body=part)
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        return parts, digest.hexdigest()

    def open(self, digest: str) -> BinaryIO:
        """Read from start to end it is verified, and raises `TamperedObject` before its last bytes are given."""
        return BufferedReader(Stretches(self.read, digest, self.size(digest)), STRETCH_BYTES)

    def read(self, digest: str, offset: int = 0, length: int | None = None) -> bytes:
        """Verified when it is the whole object: raises `TamperedObject`."""
        is_whole = not offset and length is None
        if length == 0 and self._known(digest):
            return b""
        end = "" if length is None else offset + length - 1
        stretch = {} if is_whole else {"Range": f"bytes={offset}-{end}"}
        with _said_plainly(digest):
            try:
                content = bytes(self.client.get_object(**self._name(digest), **stretch)["Body"].read())
            except ClientError as error:
                if _code(error) in BEYOND:
                    return b""
                raise
        if is_whole and sha256(content).hexdigest() != digest:
            raise TamperedObject(f"Object {digest} in the bucket is not what its name says. {HEALED}")
        return content

    def address(self, digest: str, *, seconds: int, kind: str, cache: str) -> str:
        """A URL that gives the object, or ranges of it, to whoever has it, for so long; made without asking."""
        said = {"ResponseContentType": kind, "ResponseCacheControl": cache}
        signed = self.client.generate_presigned_url("get_object", {**self._name(digest), **said}, seconds)
        return str(signed)

    @property
    def origin(self) -> str:
        """Scheme and host of these addresses."""
        at = urlsplit(self.client.meta.endpoint_url)
        return f"{at.scheme}://{at.netloc}"

    def digests(self) -> Iterator[str]:
        for key in self._keys(OBJECTS):
            if DIGEST.fullmatch(name := key.rpartition("/")[2]):
                yield name

    def collect(self, digest: str, *, unused_since: float) -> int:
        """Removes an object that was not used since; gives its bytes, or 0 when it stays."""
        head = self._head(digest)
        if head is None or max(head["LastModified"].timestamp(), self._marked(digest)) >= unused_since:
            return 0
        name, grave = self._name(digest), self._name(digest, GRAVES)
        grave["Key"] += f".{secrets.token_hex(8)}"  # two who collect at once must not take each other's copy away
        with suppress(MissingObject), _said_plainly(digest):
            self.client.copy_object(**grave, CopySource=name)
            self.client.delete_object(**name)
            if self._marked(digest) >= unused_since:
                self.client.copy_object(**name, CopySource=grave)
                self.client.delete_object(**grave)
                return 0
            self.client.delete_object(**grave)
            self.client.delete_object(**self._name(digest, USES))
            return int(head["ContentLength"])
        return 0

    def sweep(self, *, unused_since: float) -> None:
        """Removes what a power cut left of writing and of collecting."""
        with _said_plainly(""):
            for page in self._pages("list_objects_v2", GRAVES):
                for entry in page.get("Contents", ()):
                    if entry["LastModified"].timestamp() < unused_since:
                        self.client.delete_object(Bucket=self.bucket, Key=entry["Key"])
            for page in self._pages("list_multipart_uploads", OBJECTS):
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"].timestamp() < unused_since:
                        self.client.abort_multipart_upload(
                            Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )

    def _keys(self, kind: str) -> Iterator[str]:
        with _said_plainly(""):
            for page in self._pages("list_objects_v2", kind):
                yield from (entry["Key"] for entry in page.get("Contents", ()))

    def _pages(self, operation: str, kind: str) -> Any:
        return self.client.get_paginator(operation).paginate(Bucket=self.bucket, Prefix=self.prefix + kind)

    def _head(self, digest: str, kind: str = OBJECTS) -> dict[str, Any] | None:
        try:
            with _said_plainly(digest):
                return dict(self.client.head_object(**self._name(digest, kind)))
        except MissingObject:
            return None

    def _known(self, digest: str) -> dict[str, Any]:
        if (head := self._head(digest)) is None:
            raise MissingObject(f"Object {digest[:80]} is not here.")
        return head

    def _marked(self, digest: str) -> float:
        head = self._head(digest, USES)
        return float(head["LastModified"].timestamp()) if head else 0.0

    def _mark(self, digest: str) -> None:
        with _said_plainly(digest):
            self.client.put_object(**self._name(digest, USES), Body=b"")


def _once(write: Any, **what: Any) -> bool:
    """Writes if nobody did, and says so; where that cannot be asked for, over it: under a digest it is the same."""
    try:
        write(**what, IfNoneMatch="*")
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == THERE_ALREADY:
            return False
        if _code(error) not in UNCONDITIONAL:
            raise
        write(**what)
    return True


@contextmanager
def _said_plainly(digest: str) -> Iterator[None]:
    """What goes wrong in a bucket as errors of ours. Raises `MissingObject`, `StoreFails`."""
    try:
        yield
    except ClientError as error:
        if _code(error) in ABSENT:
            raise MissingObject(f"Object {digest} is not here.") from error
        raise StoreFails(f"The bucket refuses: {error}. Check its name, its rights and the credentials.") from error
    except (BotoCoreError, ValueError) as error:
        raise StoreFails(f"The bucket cannot be reached: {error}. Check its endpoint and the credentials.") from error


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
