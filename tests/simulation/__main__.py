"""More worlds: `make simulate SEEDS=500 FIRST_SEED=1 WORLDS=enrolling`. Each that fails tells its story."""

import os
import sys

from tests.simulation.running import LIVES
from tests.simulation.story import Failed


def main() -> int:
    first, count = int(os.environ.get("FIRST_SEED", "1")), int(os.environ.get("SEEDS", "500"))
    live = LIVES[os.environ.get("WORLDS", "small")]
    failed = []
    for seed in range(first, first + count):
        try:
            live(seed)
        except Failed as error:
            failed.append(seed)
            print(error, end="\n\n", flush=True)
    print(f"{count} worlds from seed {first}: {len(failed)} failed {failed or ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
