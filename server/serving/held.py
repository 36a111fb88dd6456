"""Whether a caller has an object already (RFC 9110, 13.1.2): weak comparison, in any encoding that it was sent in."""

import re

from server.serving.encodings import ENCODINGS

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{0,200})"')


def is_held(if_none_match: str, digest: str) -> bool:
    if if_none_match.strip() == "*":
        return True
    forms = {digest, *(f"{digest}-{encoding}" for encoding in ENCODINGS)}
    return not forms.isdisjoint(_TAG.findall(if_none_match))
