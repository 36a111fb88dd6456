"""What may be wrong with a value.

ConflictError
└── MalformedValue   a survivor's value is not of the form that its key promises
"""


class ConflictError(ValueError):
    """A rule was asked about something it cannot read."""


class MalformedValue(ConflictError):
    """A value that some device wrote against the table; a fold leaves it out."""
