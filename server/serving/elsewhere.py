"""Media from the bucket itself: an address that is signed for a while, which a phone follows without this server.

Who has such an address may read this one object until it ends, as who knows an object's name may read it here. The
answer that names it may be kept for less time than it holds, so that nobody is sent to an address that has ended.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

IMMUTABLE = "public, max-age=31536000, immutable"
SIGNED_SECONDS = 3600  # a part of a video on 2G takes minutes; who is slower asks here again
KEPT_SECONDS = SIGNED_SECONDS // 2


@dataclass(frozen=True, slots=True)
class Elsewhere:
    address: Callable[..., str]  # of a digest: `seconds`, `kind` and `cache` are what it is to say
    origin: str  # what a page must be allowed to connect to

    def reply(self, digest: str, kind: str) -> Response:
        """307, so that a phone asks there with the same method and for the same range."""
        address = self.address(digest, seconds=SIGNED_SECONDS, kind=kind, cache=IMMUTABLE)
        headers = {"Location": address, "Cache-Control": f"private, max-age={KEPT_SECONDS}"}
        return Response(status_code=307, headers=headers)
