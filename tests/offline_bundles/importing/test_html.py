"""HTML of strangers as plain text, as links, and clean."""

import pytest

from offline_bundles.importing.html import Link, cleaned, links, plain_text


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("two   words\n", "two words"),
        ("<p>Hi &amp; <b>you</b>&nbsp;there</p><script>x()</script>", "Hi & you there"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>1<td>2</table>3 &lt; 4", "1 2\n3 < 4"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<p>Run</p><pre>if x:\n    go()\n\n\tend </pre><p>now</p>", "Run\nif x:\n    go()\n    end\nnow"),
        ("a < b and c > d", "a < b and c > d"),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_person_reads(fragment: str, text: str) -> None:
    assert plain_text(fragment) == text


def test_links_are_found_in_their_order_with_what_holds_them() -> None:
    fragment = (
        '<a href="a.html" title="no link">x</a><video poster="p.png"><source src="v.mp4"></video><img src="i.png">'
    )

    assert links(fragment) == (
        Link("a", "href", "a.html"),
        Link("video", "poster", "p.png"),
        Link("source", "src", "v.mp4"),
        Link("img", "src", "i.png"),
    )


def test_active_addresses_are_no_links() -> None:
    assert not [link for link in links('<a href="javascript:x()">x</a><img src="vbscript:x">') if link.value]


def test_cleaning_rewrites_what_stays_and_drops_what_runs() -> None:
    fragment = '<h2 onclick="x()">A</h2><p style="x"><a href="b.html">B</a><iframe src="c"></iframe></p><svg><a/></svg>'

    assert cleaned(fragment, lambda _tag, _attribute, value: value.upper()) == '<h2>A</h2><p><a href="B.HTML">B</a></p>'


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "vbscript:x"]
)
def test_no_address_that_runs_is_left_even_where_nobody_rewrites(address: str) -> None:
    assert cleaned(f'<a href="{address}">here</a>') == "<a>here</a>"
