"""What travels beside a release: its record, and what packing it gave."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from offline_bundles.canonical import MANIFEST_BYTES_MAX
from offline_bundles.errors import BrokenManifest
from offline_bundles.forms import DIGEST, KEY_ID, NAME, NUMBER_MAX, SIGNATURE
from offline_bundles.packing.report import Report

RECORD_CHARACTERS_MAX = 2_000  # one has some 400


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
            fields = json.loads(text if len(text) <= RECORD_CHARACTERS_MAX else "")
        except (ValueError, RecursionError) as error:
            raise BrokenManifest("This is no release record.") from error
        return cls.of(fields)

    @classmethod
    def of(cls, fields: Any) -> "ReleaseRecord":
        """From JSON that was read already. Raises `BrokenManifest`."""
        try:
            record = cls(**{name: fields[name] for name in cls.__slots__})
        except (KeyError, TypeError) as error:
            raise BrokenManifest("This is no release record.") from error
        record._check()
        return record

    def _check(self) -> None:
        for name, pattern in PATTERNS.items():
            value = getattr(self, name)
            if not isinstance(value, str) or not pattern.fullmatch(value):
                raise BrokenManifest(f"This release record's {name} is not of its form.")
        for name, most in (("number", NUMBER_MAX), ("root_bytes", MANIFEST_BYTES_MAX)):
            value = getattr(self, name)
            if type(value) is not int or not 0 < value <= most:
                raise BrokenManifest(f"This release record's {name} is no number from 1 to {most}.")


PATTERNS = {"course": NAME, "root": DIGEST, "signature": SIGNATURE, "key": KEY_ID}


@dataclass(frozen=True, slots=True)
class PackedRelease:
    """`keys`: by graded quiz, {"object": its public half, "key": the answers}. `is_new`: not the same as before."""

    record: ReleaseRecord
    manifest: Mapping[str, Any]
    keys: Mapping[str, Mapping[str, Any]]
    report: Report
    is_new: bool
