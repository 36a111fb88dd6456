"""Lists as a trainer or an administrator asks for them: by part of a name, and as a file."""

from typing import Any

from fastapi import Response
from pydantic import StringConstraints

SEARCH = StringConstraints(max_length=80, pattern=r"^[^\x00]*$")  # PostgreSQL asks for no text with NUL
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "CSV, UTF-8.", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


def saved(name: str, text: str) -> Response:
    """A reply that the browser keeps as a file of this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
