"""Text of strangers on a terminal: a name or a code from a file must not move its cursor or change its colours."""


def plain(text: str) -> str:
    """The text without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
