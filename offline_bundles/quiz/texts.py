"""When two short texts are the same: spelling counts, typing does not.

The same as `pwa/src/grading/texts.ts`; both run `tests/vectors/grading.json`. What keyboards and habits vary is
levelled, in every script: width and presentation forms, case, digits, white space, marks that nobody sees, the vowel
signs of Arabic and Hebrew, the stretching tatweel, the forms of alef, the yeh and kaf of either keyboard. An accent on
a Latin letter is spelling and stays.
"""

import re
import unicodedata

# Vowel signs and cantillation of Hebrew; Arabic's signs, marks of the Quran, superscript alef, tatweel.
SIGNS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"
)
LETTERS = str.maketrans("أإآٱىیکς", "ااااييكσ")


def normalised(text: str) -> str:
    """Lower, upper and lower case again brings ẞ, ß and ss together; a phone's JavaScript has no case folding."""
    level = unicodedata.normalize("NFKC", _without_signs(unicodedata.normalize("NFKC", text)).lower().upper().lower())
    return " ".join(_without_signs(level).translate(LETTERS).split())


def _without_signs(text: str) -> str:
    return SIGNS.sub("", "".join(_plain(one) for one in text if unicodedata.category(one) != "Cf"))


def _plain(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
