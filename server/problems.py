"""The one table from error classes to status and code, and the handlers that answer with problem details (RFC 9457).

Rules raise errors and know no status; only this module does. An error that is not in the table is a fault of ours:
500, logged with its trace, and nothing of it is told.
"""

import logging
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from offline_bundles.errors import StoreFails
from server import errors
from server.shapes.common import Problem
from sync import errors as sync

PROBLEM_TYPE = "application/problem+json"
DETAILS_MAX = 5  # of a body with many faults the first few say enough
log = logging.getLogger(__name__)


class Answer(NamedTuple):
    status: int
    code: str
    title: str


ANSWERS: dict[type[Exception], Answer] = {
    errors.NotSignedIn: Answer(401, "not_signed_in", "Not signed in"),
    errors.WrongPassword: Answer(401, "wrong_password", "Wrong name or password"),
    errors.NotAllowed: Answer(403, "not_allowed", "Not allowed"),
    errors.CrossOrigin: Answer(403, "cross_origin", "Asked from another site"),
    errors.NotFound: Answer(404, "not_found", "Not found"),
    errors.CodeUnknown: Answer(404, "code_unknown", "Unknown join code"),
    errors.AlreadyThere: Answer(409, "already_there", "Already there"),
    errors.OnlyUpstream: Answer(409, "only_upstream", "Done at the upstream"),
    errors.OnlyForward: Answer(409, "only_forward", "A newer release is published"),
    errors.Superseded: Answer(409, "superseded", "Settled by newer work"),
    errors.CodeExpired: Answer(410, "code_expired", "The join code has expired"),
    errors.BodyTooLarge: Answer(413, "too_large", "Too large"),
    errors.RangeNotThere: Answer(416, "range_not_there", "No such range"),
    errors.BadKey: Answer(422, "bad_key", "Bad key or proof"),
    errors.DoesNotFit: Answer(422, "does_not_fit", "Does not fit"),
    errors.TooManyTries: Answer(429, "too_many_tries", "Too many tries"),
    errors.NotReady: Answer(503, "not_ready", "Not ready"),
    StoreFails: Answer(503, "store_fails", "The objects cannot be reached"),
    RequestValidationError: Answer(422, "invalid", "The request does not fit"),
    sync.Truncated: Answer(400, "truncated", "The request is cut off"),
    sync.Malformed: Answer(400, "malformed", "The request is no exchange"),
    sync.NotCarried: Answer(400, "not_carried", "Not a carried file"),
    sync.UnsupportedVersion: Answer(400, "unsupported_version", "This version is not spoken here"),
    sync.TooLarge: Answer(413, "too_large", "Too large"),
    sync.BadSignature: Answer(401, "bad_signature", "The signature does not fit"),
    sync.UnknownDevice: Answer(401, "device_unknown", "This device has not joined"),
    sync.RevokedDevice: Answer(403, "device_revoked", "This device was revoked"),
    sync.Busy: Answer(429, "busy", "Busy"),
    sync.BadPublicKey: Answer(422, "bad_key", "Bad key or proof"),
}
UNFORESEEN = Answer(500, "internal", "Something went wrong here")


def answer_to(error: Exception) -> Answer:
    return next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), UNFORESEEN)


def refusals(*kinds: type[Exception]) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of its refusals, made from the table."""
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        status, code, title = ANSWERS[kind]
        example = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": "…"}
        entry = described.setdefault(
            status, {"description": title, "model": Problem, "content": {PROBLEM_TYPE: {"examples": {}}}}
        )
        entry["content"][PROBLEM_TYPE]["examples"][code] = {"summary": title, "value": example}
    return described


def problem(answer: Answer, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = Problem(title=answer.title, status=answer.status, code=answer.code, detail=detail)
    kept = {"Cache-Control": "no-store", **(headers or {})}  # what is missing now may be here in a minute
    return JSONResponse(body.model_dump(), answer.status, kept, media_type=PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    for kind in ANSWERS:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, _from_framework)
    app.add_exception_handler(Exception, _unforeseen)


async def known(_: Request, error: Exception) -> Response:
    return problem(answer_to(error), _detail(error), _headers(error))


def _detail(error: Exception) -> str:
    if isinstance(error, StoreFails):
        log.error("store fails", exc_info=error)  # what it says of the bucket is for the administrator alone
        return "Try again in a few minutes; if it stays, tell the administrator."
    if not isinstance(error, RequestValidationError):
        return str(error)
    faults = error.errors()[:DETAILS_MAX]
    return "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults)


def _headers(error: Exception) -> dict[str, str] | None:
    if isinstance(error, errors.TooManyTries):
        return {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, sync.Busy):
        return {"Retry-After": str(error.wait_seconds)}
    if isinstance(error, errors.RangeNotThere):
        return {"Content-Range": f"bytes */{error.size}"}
    return None


async def _from_framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return await _unforeseen(request, error)
    title = str(error.detail)
    code = {404: "not_found", 405: "wrong_method"}.get(error.status_code, "refused")
    return problem(Answer(error.status_code, code, title), title, dict(error.headers or {}))


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("unforeseen", exc_info=error, extra={"method": request.method, "path": request.url.path})
    return problem(UNFORESEEN, "The fault is noted on the server. Try again; if it stays, tell the administrator.")
