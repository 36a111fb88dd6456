"""How deep HTML nests is never told too small: a parser's time grows with it."""

from pathlib import Path

import pytest

from offline_bundles.course.nesting import depth_of, is_too_deep
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder
from offline_bundles.importing.html import cleaned, links, plain_text

MANY = 600
HIDDEN = (
    "<div>",
    "<DIV>",
    "<div/>",
    "<b><i>",
    "<ul><li>",
    "<table><tr><td></div>",
    "<div><!-- </div> -->",
    "<!--><div><!-->",
    '<div title="</div>">',
    '<div x"><div y">',
    '<div a==">',
    "<div><script></div></script><svg>",
    "<svg><style><div>",
    "<div><select></div></select>",
    "<div><noscript></div></noscript>",
    "<div><template></div></template>",
)


@pytest.mark.parametrize("markup", HIDDEN)
def test_what_is_open_is_counted_however_it_is_hidden(markup: str) -> None:
    assert is_too_deep(markup * MANY)


@pytest.mark.parametrize(
    "markup",
    ["<div></div>", "<p>unclosed", "<ul><li>a<li>b</ul>", "<br>", "<script>'<div>'</script>", "<!-- <div> -->"],
)
def test_a_long_page_is_not_deep(markup: str) -> None:
    assert depth_of(markup * MANY * 10) <= 3


def test_text_of_what_is_too_deep_is_read_and_the_rest_refused() -> None:
    deep = "<div>" * 100_000 + "here &amp; there" + "<a href='x'>"
    assert plain_text(deep) == "here & there"
    assert links(deep) == ()
    with pytest.raises(BrokenPackage, match="nests more than 500 tags deep"):
        cleaned(deep)


def test_a_page_that_is_too_deep_stays_behind_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Water\n\nDrink it.", "utf-8")
    (tmp_path / "deep.md").write_text("# Deep\n\n" + "<div>" * 100_000, "utf-8")
    with open_course(tmp_path) as (course, package):
        (found,) = [each for each in plan_folder(course, package).findings if each.kind == "page"]
    assert found.where.endswith("Deep")
    assert found.why == "its HTML nests more than 500 tags deep, as no page does."
