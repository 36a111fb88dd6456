"""Whether a release that is rightly signed may still be taken: a signature says who made it, not that it is the newest.

Rollback and freeze are the attacks (The Update Framework, specification 1.0, section 1.5.2): whoever carries a bundle
may carry an old one. Three bounds answer: a reader never goes back below what it has seen; a release may withdraw those
before it (`floor`); and it may say until when it may be taken (`expires`). What is held already stays open: a learner
without a network must not lose her course to a date.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from offline_bundles.errors import BrokenManifest, StaleRelease


def floor_of(manifest: Mapping[str, Any]) -> int:
    """The lowest number that this release leaves good. Raises `BrokenManifest`."""
    floor = manifest.get("floor", 1)
    if type(floor) is not int or not 0 < floor <= manifest["number"]:
        raise BrokenManifest("The release's floor is no number up to its own.")
    return floor


def expiry_of(manifest: Mapping[str, Any]) -> date | None:
    """The last day, in UTC, on which this release may be taken. Raises `BrokenManifest`."""
    if "expires" not in manifest:
        return None
    try:
        return date.fromisoformat(manifest["expires"])
    except (TypeError, ValueError) as error:
        raise BrokenManifest("The release's expiry is no date such as 2027-06-30.") from error


def check_fresh(manifest: Mapping[str, Any], *, floor: int, today: date) -> None:
    """Raises `StaleRelease`. `floor`: the highest that was seen of this course, of numbers taken and of floors."""
    number = manifest["number"]
    if number < floor:
        raise StaleRelease(
            f"Release {number} of {manifest['course']} was withdrawn or replaced: {floor} is the lowest."
        )
    expiry = expiry_of(manifest)
    if expiry is not None and today > expiry:
        raise StaleRelease(f"Release {number} of {manifest['course']} was good until {expiry}. Ask for a newer one.")
