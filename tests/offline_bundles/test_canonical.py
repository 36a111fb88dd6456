"""Manifests have one form: whoever packs the same content names it with the same digest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from offline_bundles.canonical import DEPTH_MAX, INTEGER_MAX, MANIFEST_BYTES_MAX, read_manifest, write_canonical
from offline_bundles.errors import BrokenManifest

FORM = "tiffin-lesson-1"
texts = some.text(some.characters(codec="utf-8"), max_size=8)


def records(members: some.SearchStrategy[Any]) -> some.SearchStrategy[dict[str, Any]]:
    return some.dictionaries(texts, members, max_size=4)


leaves = texts | some.integers(-INTEGER_MAX, INTEGER_MAX) | some.booleans()
values = some.recursive(leaves, lambda inner: some.lists(inner, max_size=4) | records(inner), max_leaves=10)
manifests = records(values).map(lambda members: {**members, "format": FORM})


def shuffled(value: Any) -> Any:
    """The same content, its members put in the other way round."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(member) for member in value] if isinstance(value, list) else value


@given(manifests)
def test_what_was_written_is_read(manifest: dict[str, Any]) -> None:
    assert read_manifest(write_canonical(manifest), FORM) == manifest


@given(manifests)
def test_the_order_of_writing_changes_no_byte(manifest: dict[str, Any]) -> None:
    raw = write_canonical(manifest)
    assert write_canonical(shuffled(manifest)) == write_canonical(read_manifest(raw, FORM)) == raw


@given(some.binary() | some.text(some.sampled_from('[]{}":,\\a1')).map(str.encode))
def test_bytes_from_anywhere_are_a_manifest_or_refused(raw: bytes) -> None:
    with pytest.raises(BrokenManifest):
        read_manifest(raw, FORM)


def test_keys_are_sorted_by_code_point_and_text_stays_itself() -> None:
    raw = write_canonical({"b": 1, "ﬀ": 2, "a": [True, "ماء"], "😀": 3, "B": {}})
    assert raw == '{"B":{},"a":[true,"ماء"],"b":1,"ﬀ":2,"😀":3}'.encode()


@pytest.mark.parametrize("value", [None, 0.5, float("nan"), {1: "one"}, b"bytes", INTEGER_MAX + 1, "\ud800"])
def test_what_the_form_has_no_place_for_is_refused(value: Any) -> None:
    with pytest.raises(BrokenManifest, match="cannot hold"):
        write_canonical({"list": [value]})


def test_brackets_in_texts_are_no_nesting() -> None:
    manifest = {"format": FORM, "titles": ['half open [0, 1) and a quote " [{'] * 40}
    assert read_manifest(write_canonical(manifest), FORM) == manifest


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 100_000])
def test_deep_nesting_is_refused_before_it_is_parsed(depth: int) -> None:
    with pytest.raises(BrokenManifest, match="nested so deep"):
        read_manifest(b"[" * depth + b"]" * depth, FORM)


def test_a_manifest_above_its_limit_is_neither_written_nor_read() -> None:
    large = {"format": FORM, "title": "x" * MANIFEST_BYTES_MAX}
    with pytest.raises(BrokenManifest, match="4 MB at most"):
        write_canonical(large)
    with pytest.raises(BrokenManifest, match="4 MB at most"):
        read_manifest(json.dumps(large).encode(), FORM)
