"""A page's source may be Markdown or HTML; what comes out is clean either way, and its pictures are objects."""

from pathlib import Path

import pytest

from offline_bundles.course.pages import PlacedPicture, render_page

DIGEST = "b" * 64
PLACED = f'<img src="/v1/objects/{DIGEST}.webp" width="40" height="30"'


def rendered(folder: Path, name: str, text: str) -> tuple[str, list[str]]:
    (folder / "pages").mkdir(exist_ok=True)
    (folder / "pages" / name).write_text(text)
    return render_page(folder / "pages" / name, folder, lambda _found: PlacedPicture(DIGEST, 40, 30))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "![A tap](../pictures/a%20tap.png)"),
        ("a.md", '<img src="../pictures/a tap.png" alt="A tap" width="9000">'),
        ("a.html", '<p><img src="../pictures/a%20tap.png" alt="A tap" width="9000" onerror="go()"></p>'),
    ],
)
def test_a_picture_becomes_an_object_of_its_own_size(tmp_path: Path, name: str, text: str) -> None:
    html, dropped = rendered(tmp_path, name, text)

    assert f'{PLACED} alt="A tap">' in html
    assert "9000" not in html and "onerror" not in html
    assert not dropped


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("https://example.org/a.png", "on the network"),
        ("//example.org/a.png", "on the network"),
        ("data:image/png;base64,AAAA", "on the network"),
        ("../../secret.png", "outside the course folder"),
        (f"/v1/objects/{'a' * 64}.webp", "outside the course folder"),
    ],
)
def test_a_picture_from_elsewhere_is_dropped_and_told(tmp_path: Path, source: str, why: str) -> None:
    html, dropped = rendered(tmp_path, "a.html", f'<p>Look: <img src="{source}"></p>')

    assert html == "<p>Look: <img></p>"
    assert len(dropped) == 1 and why in dropped[0]


def test_html_loses_what_runs_and_keeps_what_is_read(tmp_path: Path) -> None:
    text = '<h2 onclick="x()">Water</h2><script>x()</script><p style="x">Boil it.</p><a href="javascript:x()">x</a>'

    html, dropped = rendered(tmp_path, "a.html", text)

    assert html.startswith("<h2>Water</h2><p>Boil it.</p><a")
    assert "script" not in html and "style" not in html
    assert dropped == ["a.html: <script>, which no phone would run"]


def test_links_to_the_network_and_to_other_activities_stay_and_links_to_files_do_not(tmp_path: Path) -> None:
    html, _ = rendered(
        tmp_path, "a.html", '<a href="https://x.org">1</a><a href="#/course/a/b">2</a><a href="c.html">3</a>'
    )

    assert [part.partition('"')[0] for part in html.split('href="')[1:]] == ["https://x.org", "#/course/a/b"]


def test_words_that_look_like_a_placed_picture_stay_words(tmp_path: Path) -> None:
    words = f'src="/v1/objects/{DIGEST}.webp"'

    html, _ = rendered(tmp_path, "a.html", f'<p>{words}</p><img src="a.png">')

    assert f"<p>{words}</p>" in html


def test_words_of_neighbouring_blocks_do_not_run_together(tmp_path: Path) -> None:
    html, _ = rendered(tmp_path, "a.html", "<div class='x'>Boil</div><section>the water</section>")

    assert html == "<div>Boil</div><section>the water</section>"
