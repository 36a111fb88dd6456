"""Language tags out of the names that people give to files and folders. Source: BCP 47; ISO 639-1 and 639-2."""

# Where the country tells apart what one would not read for the other.
KEEPS_COUNTRY = {"pt", "zh"}
# ISO 639-2, as file names sometimes have it, to 639-1, as browsers do.
THREE_LETTERS = {
    "ara": "ar",
    "ben": "bn",
    "deu": "de",
    "eng": "en",
    "fas": "fa",
    "fra": "fr",
    "hin": "hi",
    "ind": "id",
    "ita": "it",
    "jpn": "ja",
    "kor": "ko",
    "nep": "ne",
    "por": "pt",
    "rus": "ru",
    "spa": "es",
    "swa": "sw",
    "tam": "ta",
    "tur": "tr",
    "ukr": "uk",
    "urd": "ur",
    "vie": "vi",
    "zho": "zh",
}


def tag_of(written: str) -> str:
    """A language tag as short as it can be: `ar-SA` is Arabic for whoever reads Arabic."""
    base, _, country = written.replace("_", "-").partition("-")
    base = THREE_LETTERS.get(base, base)
    return f"{base}-{country}" if country and base in KEEPS_COUNTRY else base
