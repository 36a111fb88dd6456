"""What may be wrong with a change.

CodecError
├── Truncated      the bytes end too early
├── Malformed      the bytes are not the canonical form of any change
├── OutsideModel   a change that Automerge knows and Tiffin does not take: another object, action or column
└── OverLimit      more of something than a phone can honestly need
"""


class CodecError(ValueError):
    """A change that is not taken; the message names the place and the limit."""


class Truncated(CodecError):
    """The bytes end before what they announce."""


class Malformed(CodecError):
    """The bytes are not the one canonical encoding of a change."""


class OutsideModel(CodecError):
    """A well-formed change outside the restricted model: flat keys at the root, put and delete."""


class OverLimit(CodecError):
    """More operations, dependencies, actors or bytes than the door lets in."""
