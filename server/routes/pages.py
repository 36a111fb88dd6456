"""The app itself: whatever no other route has taken."""

from fastapi import APIRouter, Request, Response

from server.routes.given import Given

router = APIRouter(include_in_schema=False)


@router.head("/{path:path}")
@router.get("/{path:path}")
def page(path: str, http: Request, parts: Given) -> Response:
    return parts.site.reply(path, http)
