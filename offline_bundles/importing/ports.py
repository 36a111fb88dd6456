"""What an importer is given, and what it is."""

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from offline_bundles.importing.imported import ImportedCourse


class Package(Protocol):
    """A folder or an archive, read-only and bounded: names are normalised, and none leads outside."""

    @property
    def name(self) -> str:
        """The file's or folder's own name, without its ending."""
        ...

    def names(self) -> Sequence[str]:
        """Every file in it, sorted."""
        ...

    def has(self, name: str) -> bool: ...

    def size(self, name: str) -> int:
        """In bytes, once unpacked. Raises `MissingFile`."""
        ...

    def read(self, name: str, bytes_max: int) -> bytes:
        """Raises `MissingFile`, or `BrokenPackage` when there is more than `bytes_max`."""
        ...

    def open(self, name: str) -> BinaryIO:
        """For what is too large to hold: media. Raises `MissingFile`."""
        ...


class Importer(Protocol):
    """One format, told apart from the others by `recognises`, which looks at names and a few first bytes only."""

    form: str

    def recognises(self, package: Package) -> bool: ...

    def read(self, package: Package) -> ImportedCourse:
        """Raises `BrokenPackage` when there is no course in it to speak of; anything less is a finding."""
        ...
