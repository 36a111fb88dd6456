"""A phone that is sent on to a bucket of another origin (Swift's S3): CORS, ranges, and what rotted there."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, Response, expect

from offline_bundles.stores.s3 import S3Store
from tests.browser.people import COURSE, Phone, join_code
from tests.running import running
from tests.services.s3 import new_bucket
from tests.services.swift import ACCESS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.servers]


def move(objects: Path, store: S3Store) -> None:
    """A home's objects to a bucket, as docs/deploy.md has it."""
    for path in objects.glob("??/*"):
        assert store.put_file(path) == path.name
    shutil.rmtree(objects)


def rot(store: S3Store) -> None:
    """Changes a byte in the middle of every rendition, where nobody looks who reads only its ends."""
    for digest in [*store.digests()]:
        content = bytearray(store.read(digest))
        if content[4:8] == b"ftyp":
            content[len(content) // 2] ^= 1
            store.client.put_object(**store._name(digest), Body=bytes(content))


def test_a_course_is_taken_along_from_a_bucket_and_what_rotted_there_is_not_kept(
    packed_home: Path, swift_url: str, playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = new_bucket(swift_url, monkeypatch, access=ACCESS)
    home = tmp_path / "home"
    shutil.copytree(packed_home, home)
    move(home / "objects", store)
    settings = {"TIFFIN_OBJECTS_URL": f"s3://{store.bucket}", "TIFFIN_OBJECTS_ENDPOINT": swift_url}
    with running(home, **settings, **ACCESS, TIFFIN_OBJECTS_REDIRECT="true") as server:
        phone = Phone(playwright, tmp_path / "phone", server.url)
        phone.join(join_code(server, "Amina"))
        replies: list[Response] = []
        phone.page.on("response", lambda reply: replies.append(reply))
        phone.take_along()
        sent_on = [reply for reply in replies if reply.url.startswith(swift_url) and reply.request.method == "GET"]
        assert {reply.status for reply in sent_on} == {206}
        phone.switch_off()

        rot(store)
        other = Phone(playwright, tmp_path / "other phone", server.url)
        other.join(join_code(server, "Binta"))
        other.page.get_by_role("button", name=f"Take along: {COURSE}").click()
        expect(other.page.get_by_text("Something arrived damaged")).to_be_visible()
        other.switch_off()
