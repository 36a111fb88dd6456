"""Measures every budget and prints `figure NAME VALUE UNIT`, one a line.

`python -m benchmarks [exchange] [year] [history] [storm] [flood] [packing] [app] [download]`: all of them, or those
named. What is not a figure goes to stderr.
"""

import sys
from collections.abc import Callable, Iterator

from benchmarks import app, download, exchange, flood, history, packing, storm, year

Figures = Callable[[], Iterator[tuple[str, float, str]]]
SUITES: dict[str, Figures] = {
    "exchange": exchange.figures,
    "year": year.figures,
    "history": history.figures,
    "storm": storm.figures,
    "flood": flood.figures,
    "packing": packing.figures,
    "app": app.figures,
    "download": download.figures,
}


def main(names: list[str]) -> int:
    if unknown := set(names) - set(SUITES):
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}", file=sys.stderr)
        return 2
    for name in names or SUITES:
        for figure, value, unit in SUITES[name]():
            print(f"figure {figure} {value:g} {unit}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
