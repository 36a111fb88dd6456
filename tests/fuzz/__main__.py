"""`make fuzz`: knocks at the door for half of SECONDS, and at every route for the other half.

It prints the seed, and keeps what broke the door under tests/vectors/found/.
"""

import os
import secrets
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from random import Random
from time import monotonic

from tests.fuzz.door import knock, requests
from tests.fuzz.routes import Caller, made
from tests.fuzz.site import site

FOUND = Path(__file__).parent.parent / "vectors" / "found"


def at_the_door(seed: int, end: float) -> int:
    """How many requests there were."""
    for count, body in enumerate(requests(seed)):
        if monotonic() > end:
            return count
        try:
            knock(body)
        except Exception:
            FOUND.mkdir(exist_ok=True)
            path = FOUND / f"{sha256(body).hexdigest()[:16]}.hex"
            path.write_text(body.hex() + "\n")
            print(f"request {count} broke the door: {path}", file=sys.stderr)
            raise
    return 0


def at_every_route(seed: int, seconds: float) -> int:
    """How many calls there were. TIFFIN_DATABASE_URL names another database than SQLite."""
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), os.environ.get("TIFFIN_DATABASE_URL", "")) as here:
        end = monotonic() + seconds
        for count, call in enumerate(Caller(here, Random(seed)).calls()):
            if monotonic() > end:
                return count
            try:
                made(here, call)
            except Exception:
                print(f"call {count} broke a route: {call}", file=sys.stderr)
                raise
    return 0


def main() -> int:
    seed = int(os.environ.get("SEED") or secrets.randbelow(2**31))
    half = float(os.environ.get("SECONDS_OF_FUZZING", "60")) / 2
    print(f"seed {seed}", flush=True)
    print(f"{at_the_door(seed, monotonic() + half)} requests, and the door held", flush=True)
    print(f"{at_every_route(seed, half)} calls, and every route held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
