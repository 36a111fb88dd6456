"""Numbers and quantities as people write them: any script's digits, either decimal sign, a unit behind.

The same as `pwa/src/grading/numbers.ts`; both run `tests/vectors/grading.json`.
"""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

NUMBER_CHARACTERS_MAX = 40
UNIT_CHARACTERS_MAX = 24  # "kilograms per cubic metre" is longer than any that a question needs
DECIMAL_SIGNS = {"٫": ".", ",": ".", "−": "-"}
OF_NUMBERS = frozenset("+-.0123456789")


def read_number(written: Any) -> Decimal | None:
    """A plain decimal in the digits of any script, with a point, a comma or an Arabic decimal separator; else None."""
    if not isinstance(written, str) or len(written) > NUMBER_CHARACTERS_MAX:
        return None
    plain = with_plain_digits(written.strip())
    body = plain.removeprefix("-") if plain.startswith("-") else plain.removeprefix("+")
    whole, point, fraction = body.partition(".")
    if not (whole + fraction).isdigit() or not (whole + fraction).isascii() or (point and not fraction):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def read_quantity(written: Any, units: Mapping[str, str]) -> Fraction | None:
    """A number in the unit whose factor is 1: "250 cm" is 2.5 where {"m": "1", "cm": "0.01"}.

    Without units it is the number alone. With units one must stand behind it, unless "" is among them.
    """
    if not isinstance(written, str) or len(written) > NUMBER_CHARACTERS_MAX + UNIT_CHARACTERS_MAX:
        return None
    number, unit = _parted(written) if units else (written, "")
    given, factor = read_number(number), read_number(_factor(unit, units) if units else "1")
    # Fractions, since a Decimal rounds what it reckons to 28 digits, and an answer may have more.
    return None if given is None or factor is None else Fraction(given) * Fraction(factor)


def _parted(written: str) -> tuple[str, str]:
    """The number, and the unit as it is compared."""
    plain = with_plain_digits(written)
    end = next((at for at, one in enumerate(plain) if one not in OF_NUMBERS and not one.isspace()), len(plain))
    return plain[:end].strip(), spelt(plain[end:])


def spelt(unit: str) -> str:
    """Width and white space are typing; case is not, since mW and MW are two units."""
    return " ".join(unicodedata.normalize("NFKC", unit).split())


def _factor(unit: str, units: Mapping[str, str]) -> str | None:
    """Its factor; a phone that began with a capital is forgiven where that leaves no doubt."""
    exact = {factor for spelling, factor in units.items() if spelt(spelling) == unit}
    loose = {factor for spelling, factor in units.items() if spelt(spelling).lower() == unit.lower()}
    found = exact or loose
    return found.pop() if len(found) == 1 else None


def with_plain_digits(text: str) -> str:
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return DECIMAL_SIGNS.get(character, character)
