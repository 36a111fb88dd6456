"""Small objects in a row: each picture, poster and handout once, essential first; any stretch is the bytes under it."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from offline_bundles import FolderStore, Signer, pack
from offline_bundles.opening.small import Place, read_places, small_places
from tests.offline_bundles.courses import COURSE, course_folder


def page(name: str, tier: str) -> dict[str, Any]:
    return {"id": name, "kind": "page", "title": name, "tier": tier, "source": f"pages/{name}.md"}


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def root(tmp_path: Path, store: FolderStore) -> str:
    """Three pages, an extra one before the others, two of which show the same picture; and a handout."""
    folder = course_folder(tmp_path / "course")
    for colour in ("green", "blue"):
        Image.new("RGB", (400, 300), colour).save(folder / "pictures" / f"{colour}.png")
    shown = {"extra": ("green",), "first": ("tap", "blue"), "second": ("blue", "green")}
    for name, pictures in shown.items():
        (folder / "pages" / f"{name}.md").write_text(
            "".join(f"![A]({f'../pictures/{each}.png'})\n" for each in pictures)
        )
    pages = [page("extra", "supplementary"), page("first", "essential"), page("second", "important")]
    sheet = COURSE["lessons"][0]["activities"][-1]
    course_folder(folder, lessons=[{"id": "one", "title": "One", "activities": [*pages, sheet]}])
    signer = Signer.from_seed(bytes(32))
    return pack(folder, store=store, cache=tmp_path / "cache", signer=signer).record.root


def kind(store: FolderStore, place: Place) -> str:
    raw = store.read(place.digest)
    if raw[:4] != b"RIFF":
        return raw.decode()
    with store.open(place.digest) as file, Image.open(file) as picture:
        red, green, blue = picture.convert("RGB").getpixel((9, 9))  # type: ignore[misc]  # of three bands
    return "red" if red > 200 else "green" if green > blue else "blue"


def test_each_stands_once_where_its_first_tier_has_it(root: str, store: FolderStore) -> None:
    places = small_places(root, store)
    assert [kind(store, place) for place in places] == ["red", "blue", "green", "to print"]
    assert [place.start for place in places] == [0, *(place.end for place in places)][:-1]
    assert all(store.size(place.digest) == place.end - place.start for place in places)


def test_any_stretch_is_the_bytes_under_it(root: str, store: FolderStore) -> None:
    places = small_places(root, store)
    whole = b"".join(store.read(place.digest) for place in places)
    edges = sorted({0, 1, *(place.end for place in places), places[1].end - 1, places[1].end + 1, len(whole) - 1})
    for start in edges:
        for end in edges:
            assert b"".join(read_places(places, start, end, store)) == whole[start:end]
