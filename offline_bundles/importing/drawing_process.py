"""Draws one SVG, in a process of its own: `python -I drawing_process.py WIDTH <SVG >PNG`.

A few bytes of filters and patterns can ask for hours and gigabytes. What asks for too much ends with this process.
"""

import resource
import sys

MEMORY_BYTES_MAX = 1 << 30  # a drawing of 720 pixels takes some 20 MB, the fonts of a full desktop some 100
CPU_SECONDS_MAX = 5  # what is real takes a tenth of one


def main(width: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # standard output is a pipe: no file can be written
    from resvg_py import svg_to_bytes  # within the limits

    text = sys.stdin.buffer.read().decode("utf-8")
    sys.stdout.buffer.write(bytes(svg_to_bytes(svg_string=text, width=width, background="white")))


if __name__ == "__main__":
    main(int(sys.argv[1]))
