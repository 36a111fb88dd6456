"""The registry's sections, as both sides name them: each by what it holds, and by the digest of its content."""

import json
from hashlib import sha256
from typing import Any

PEOPLE, DEVICES = "people", "devices"
Content = Any  # JSON


def digest(content: Content) -> str:
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
