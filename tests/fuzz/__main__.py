"""`make fuzz`: knocks for SECONDS, prints the seed, and keeps what broke the door under tests/vectors/found/."""

import os
import secrets
import sys
from hashlib import sha256
from pathlib import Path
from time import monotonic

from tests.fuzz.door import knock, requests

FOUND = Path(__file__).parent.parent / "vectors" / "found"


def main() -> int:
    seed = int(os.environ.get("SEED") or secrets.randbelow(2**31))
    end = monotonic() + float(os.environ.get("SECONDS_OF_FUZZING", "60"))
    print(f"seed {seed}", flush=True)
    for count, body in enumerate(requests(seed)):
        if monotonic() > end:
            print(f"{count} requests, and the door held")
            return 0
        try:
            knock(body)
        except Exception:
            FOUND.mkdir(exist_ok=True)
            path = FOUND / f"{sha256(body).hexdigest()[:16]}.hex"
            path.write_text(body.hex() + "\n")
            print(f"request {count} broke the door: {path}", file=sys.stderr)
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
