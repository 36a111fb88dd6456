"""What may be wrong with a course or a bundle.

BundleError
├── BrokenCourse         the folder cannot be packed as it is; `problems` lists everything at once
├── MediaError           ffmpeg cannot read or write this media
├── BrokenManifest       bytes that are no manifest of this format
├── BrokenPackage        a course package of another system that cannot be read, or not within bounds
│   └── MissingFile      the package has no file of this name
├── BrokenCard           a file that is no memory card of this format, or lies about what it holds
├── MissingObject        the store does not hold an object that was asked for
├── TamperedObject       an object's bytes differ from its name
├── StoreFails           the store cannot be reached, or refuses
├── StaleRelease         rightly signed, but withdrawn, replaced or expired
└── BadSignature         the root was not signed by this key
"""

from collections.abc import Sequence
from dataclasses import dataclass


class BundleError(Exception):
    """The root of this package's errors."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a course folder: where it is, what is wrong, what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class BrokenCourse(BundleError):
    """A course folder that cannot be packed; every problem that was found, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class MediaError(BundleError):
    """A media file that cannot be read, or that cost more than its time."""


class BrokenManifest(BundleError):
    """Bytes that do not hold a manifest of this format, or hold more than its limits."""


class BrokenPackage(BundleError):
    """A package of another system that holds no course that can be read, or more than its limits."""


class MissingFile(BrokenPackage):
    """The package has no file of this name."""


class BrokenCard(BundleError):
    """A file that is no memory card of this format, or whose directory says what cannot be."""


class MissingObject(BundleError):
    """The store has no object of this name."""


class TamperedObject(BundleError):
    """An object's bytes differ from the digest that its manifest promised. `digests`: those that were found."""

    def __init__(self, said: str, digests: Sequence[str] = ()) -> None:
        self.digests = tuple(digests)
        super().__init__(said)


class StoreFails(BundleError):
    """The bucket cannot be reached, or refuses what was asked of it."""


class StaleRelease(BundleError):
    """A release that was right once, and must not be taken any more."""


class BadSignature(BundleError):
    """The release's root was not signed by the organisation's key."""
