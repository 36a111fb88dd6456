"""A real HTTP server that speaks S3 (moto), on a free port, and buckets of one's own in it."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

from offline_bundles.stores.s3 import S3Store, s3_client
from tests.services.ports import free_port

ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def s3_server() -> Iterator[str]:
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def new_bucket(
    url: str, monkeypatch: pytest.MonkeyPatch, prefix: str = "", access: Mapping[str, str] = ACCESS
) -> S3Store:
    if access is not ACCESS:
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers whom it was let in as
    for name, value in access.items():
        monkeypatch.setenv(name, value)
    client, bucket = s3_client(url), f"tiffin-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=bucket)
    return S3Store(client, bucket, prefix)
