"""People's names as they are typed, pasted and compared, in any script."""

import unicodedata

# What a word processor or a messenger puts around a name to turn its direction, and the mark at a file's beginning.
# Joiners stay: in Persian, Hindi and Sinhala they are spelling.
_TURNS = dict.fromkeys(
    map(ord, "\ufeff\u00ad\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def visible(text: str) -> str:
    return text.translate(_TURNS)


def cleaned(text: str) -> str:
    """Without what cannot be seen, one space where there were several."""
    return " ".join(unicodedata.normalize("NFC", visible(text)).split())


def alike(name: str) -> str:
    """What two spellings of one name have in common: neither case, nor spaces, nor which bytes write a letter."""
    return " ".join(unicodedata.normalize("NFKC", visible(name)).casefold().split())
