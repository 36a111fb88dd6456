"""What travels beside a release: its record, and what packing it gave."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from offline_bundles.errors import BrokenManifest
from offline_bundles.packing.report import Report

DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release's root by name, with the organisation's signature over it; digests and signature in hexadecimal."""

    course: str
    number: int
    root: str
    root_bytes: int
    signature: str
    key: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ReleaseRecord":
        """Raises `BrokenManifest`, naming what does not fit."""
        try:
            fields = json.loads(text)
            record = cls(**{name: fields[name] for name in cls.__slots__})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BrokenManifest("This is no release record.") from error
        record._check()
        return record

    def _check(self) -> None:
        texts = (self.course, self.root, self.signature, self.key)
        numbers = (self.number, self.root_bytes)
        if not all(isinstance(text, str) for text in texts) or not all(type(n) is int and n > 0 for n in numbers):
            raise BrokenManifest("A member of this release record has the wrong type.")
        if not (NAME.fullmatch(self.course) and DIGEST.fullmatch(self.root)):
            raise BrokenManifest("This release record names no course or no root.")


@dataclass(frozen=True, slots=True)
class PackedRelease:
    """`keys`: by graded quiz, {"object": its public half, "key": the answers}. `is_new`: not the same as before."""

    record: ReleaseRecord
    manifest: Mapping[str, Any]
    keys: Mapping[str, Mapping[str, Any]]
    report: Report
    is_new: bool
