"""A course over TLS and HTTP/2, through nginx as docs/deploy.md has it, in Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from benchmarks.download import by_path, of_the_course, repeated_bytes
from benchmarks.replies import Heard
from tests.browser.people import TOOLS_KEPT, Phone, join_code
from tests.counting_proxy import counting_proxy
from tests.running import RunningServer
from tests.services.nginx import nginx

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.servers]

HALF_WAY_BYTES = 250_000  # in the middle of the video, on both streams
AGAIN_BYTES_MAX = 16 << 10  # a TLS record of each of two streams, and what Chromium had not handed on
REQUESTS_MAX = 10  # the texts, what is small, two for each rendition, and two that were cut


def test_one_connection_brings_a_course_and_a_cut_of_it_costs_little(
    server: RunningServer, playwright: Playwright, tmp_path: Path
) -> None:
    code = join_code(server, "Amina")
    with nginx(tmp_path / "nginx", server.port) as front, counting_proxy(front.port) as road:
        phone = Phone(playwright, tmp_path / "phone", f"https://localhost:{road.port}", trusted_key=front.key_digest)
        phone.join(code)
        phone.page.wait_for_function(TOOLS_KEPT)
        heard = Heard(phone.page)
        before, road.cut_after = road.connections, road.bytes_down + HALF_WAY_BYTES

        phone.take_along()

        replies = of_the_course(heard.replies)
        assert heard.protocols == {"h2"}
        assert any(reply.is_cut for reply in replies)
        assert road.connections - before == 1
        assert len(replies) <= REQUESTS_MAX
        again = sum(sum(repeated_bytes(path, of_one)) for path, of_one in by_path(replies).items())
        assert again <= AGAIN_BYTES_MAX
        phone.switch_off()
