"""What the learner's app weighs over the wire. The budget is 40 KB of Brotli, all of it. It is not met yet: this holds
the weight where it is until it is: lower the bound with the app."""

from benchmarks.app import brotli_sizes

BUDGET_BYTES = 40 * 1024
TODAY_BYTES_MAX = 51_000


def test_the_learners_app_grows_no_heavier() -> None:
    sizes = brotli_sizes()
    assert {"index.html", "sw.js", "manifest.webmanifest"} <= set(sizes)
    assert any(name.endswith(".js") and name.startswith("assets/") for name in sizes)
    assert sum(sizes.values()) <= TODAY_BYTES_MAX, f"{sizes}; the budget is {BUDGET_BYTES}"
