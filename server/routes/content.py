"""What anyone who knows a name may fetch: objects, release records, updates. Immutable, so any cache may keep it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from server import errors
from server.courses import records, updates
from server.courses.small import SmallObjects
from server.problems import refusals
from server.routes import serving
from server.routes.given import Given, Reading
from server.shapes.content import ReleaseRecordShape

AFTER_MAX = 100_000  # more objects than an update holds
router = APIRouter(prefix="/v1", tags=["content"])

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=["5f" * 32])]
ObjectName = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f]{64}(\.[a-z0-9]{1,8})?$",
        description="The object's SHA-256; an extension that is known chooses its content type.",
        examples=["5f" * 32 + ".webp"],
    ),
]
_BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.head("/objects/{name}", include_in_schema=False)
@router.get(
    "/objects/{name}",
    response_class=Response,
    responses={
        200: {"description": "The object, whole.", **_BYTES},
        206: {"description": "The asked range.", **_BYTES},
        304: {"description": "The caller has it."},
        307: {"description": "It is in the bucket: at the signed address, for an hour (docs/deploy.md)."},
        **refusals(errors.NotFound, errors.RangeNotThere),
    },
)
def read_object(name: ObjectName, http: Request, parts: Given) -> Response:
    """An object by its digest, with Range, ETag, and compression where it is text."""
    digest, _, extension = name.partition(".")
    return serving.object_response(parts.objects, parts.elsewhere, digest, extension, http, parts.compressed)


@router.get("/releases/{root}", responses=refusals(errors.NotFound))
def read_release_record(root: Sha256, response: Response, parts: Given, session: Reading) -> ReleaseRecordShape:
    """The release record of a root: what a hub or a card carries beside the objects."""
    response.headers["Cache-Control"] = "no-cache"  # the keys that it names may be followed by others
    return records.record(session, root, parts.keys)


@router.get(
    "/releases/{root}/update",
    response_class=Response,
    responses={200: {"description": "Small objects, each after its length.", **_BYTES}, **refusals(errors.NotFound)},
)
def read_update(
    root: Sha256,
    http: Request,
    parts: Given,
    session: Reading,
    since: Annotated[str, Query(pattern="^([0-9a-f]{64})?$", description="The root that is held already.")] = "",
    after: Annotated[int, Query(ge=0, le=AFTER_MAX, description="How many of its objects came before a cut.")] = 0,
) -> Response:
    """What is new of a release's texts since another one, in one reply, however far behind that is."""
    held = updates.known_since(session, root, since)
    return serving.update_response(parts.readying.updates, root, held, after, http)


@router.get(
    "/releases/{root}/small",
    response_class=Response,
    responses={
        200: {"description": "All of them.", **_BYTES},
        206: {"description": "The asked range.", **_BYTES},
        **refusals(errors.NotFound, errors.RangeNotThere),
    },
)
def read_small(root: Sha256, http: Request, parts: Given, session: Reading) -> Response:
    """A release's pictures, posters and handouts below 64 KiB, one after the other: many by one range."""
    updates.known_since(session, root, "")
    return serving.small_response(SmallObjects(root, parts.objects), http)
