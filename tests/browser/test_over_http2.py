"""A course over TLS and HTTP/2, through nginx as docs/deploy.md has it, in Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from benchmarks.download import by_path, of_the_course, repeated_bytes
from benchmarks.replies import Heard
from tests.browser.people import COURSE, TOOLS_KEPT, Phone, join_code, wait_for
from tests.counting_proxy import counting_proxy
from tests.running import RunningServer
from tests.services.nginx import nginx

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.servers]

HALF_WAY_BYTES = 400_000  # in the middle of the pictures of the video, two thirds of the course
# Of which so much is on the phone by then, with much to spare. It is more than all the rest, so their reply has begun:
# a request that is cut before, Chromium repeats by itself.
HELD_BYTES = 260_000
AGAIN_BYTES_MAX = 16 << 10  # a TLS record of each of two streams, and what Chromium had not handed on
REQUESTS_MAX = 10  # the texts, what is small, two for each rendition, and two that were cut


def test_one_connection_brings_a_course_and_a_cut_of_it_costs_little(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    code = join_code(server, "Amina")
    with nginx(tmp_path / "nginx", server.port) as front, counting_proxy(front.port) as road:
        phone = Phone(playwright, tmp_path / "phone", f"https://localhost:{road.port}", trusted_key=front.key_digest)
        phone.join(code)
        wait_for(phone.page, TOOLS_KEPT)
        heard = Heard(phone.page)
        before = road.connections
        road.hold(HALF_WAY_BYTES)

        phone.page.get_by_role("button", name=f"Take along: {COURSE}").click()
        phone.wait_for_content(HELD_BYTES)
        road.cut()
        expect(phone.page.get_by_text("Kept on this phone ·")).to_be_visible()

        replies = of_the_course(heard.replies)
        assert heard.protocols == {"h2"}
        assert any(reply.is_cut for reply in replies)
        assert road.connections - before == 1
        assert len(replies) <= REQUESTS_MAX
        again = sum(sum(repeated_bytes(path, of_one)) for path, of_one in by_path(replies).items())
        assert again <= AGAIN_BYTES_MAX
        phone.switch_off()
