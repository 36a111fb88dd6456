"""What the learner's app weighs over the wire: a first load, all of it, in whichever language weighs most.

What comes with the first course that is taken, beside its megabytes, is held to a bound of its own.
"""

from benchmarks.app import FIRST_LOAD, TOOLS, brotli_sizes

FIRST_LOAD_BYTES_MAX = 40 * 1024
TOOLS_BYTES_MAX = 27 * 1024


def test_a_first_load_weighs_at_most_forty_kilobytes() -> None:
    sizes = brotli_sizes(FIRST_LOAD)
    assert {"index.html", "sw.js", "manifest.webmanifest"} <= set(sizes)
    assert {name.partition("-")[0] for name in sizes if name.endswith(".js")} >= {"assets/index", "assets/ar"}
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES_MAX, sizes


def test_the_tools_that_come_with_a_course_stay_small() -> None:
    sizes = brotli_sizes(TOOLS)
    assert {name.partition("-")[0] for name in sizes} == {
        "assets/video",
        "assets/quiz",
        "assets/notes",
        "assets/carry",
        "assets/take",
        "assets/card",
        "assets/tools_ar",
    }
    assert sum(sizes.values()) <= TOOLS_BYTES_MAX, sizes
