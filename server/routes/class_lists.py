"""A class by its list: what would be made of it, then all of it in one go. docs/join.md."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from server import errors
from server.people.class_list import LIST_BYTES_MAX, text_of
from server.people.class_making import ClassMaking
from server.problems import refusals
from server.routes.given import Given, SameOrigin, Trainer, body_of
from server.shapes.class_lists import ClassPreview, CodeSheet, NewClass

router = APIRouter(prefix="/class-lists", dependencies=[SameOrigin], responses=refusals(errors.CrossOrigin))
_TEXT = {"content": {"text/plain": {"schema": {"type": "string"}}}}


async def _list(http: Request) -> str:
    return text_of(await body_of(http, bytes_max=LIST_BYTES_MAX))


@router.post(
    "/preview",
    responses=refusals(errors.BodyTooLarge, errors.DoesNotFit),
    openapi_extra={
        "requestBody": {"required": True, "description": "Names one a line, CSV or TSV, in UTF-8.", **_TEXT}
    },
)
def preview_class(text: Annotated[str, Depends(_list)], who: Trainer, parts: Given) -> ClassPreview:
    """Who would be made from a list, who is here already, and which lines are odd. Changes nothing."""
    with parts.database.reading() as session:
        return ClassMaking(parts.inviting, parts.outlines).preview(session, who.organisation_id, text)


@router.post("", status_code=201, responses=refusals(errors.NotFound, errors.OnlyUpstream))
def make_class(new: NewClass, who: Trainer, parts: Given) -> CodeSheet:
    """Makes and enrols them all, and gives each a code; or nobody, when something does not fit."""
    return ClassMaking(parts.inviting, parts.outlines).make(parts.database, who.organisation_id, new)
