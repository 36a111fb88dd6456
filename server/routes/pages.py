"""The app itself: whatever no other route has taken."""

from fastapi import APIRouter, HTTPException, Request, Response

from server.routes.given import Given

API = "v1/"  # a program that asks for what is not there must not be given a page
router = APIRouter(include_in_schema=False)


@router.head("/{path:path}")
@router.get("/{path:path}")
def page(path: str, http: Request, parts: Given) -> Response:
    if path.startswith(API):
        raise HTTPException(404, "There is nothing at this address. See /v1/openapi.json.")
    return parts.site.reply(path, http)
