"""Signing in to the consoles, and out."""

from fastapi import APIRouter, Request, Response

from server import errors
from server.access import sessions
from server.people import accounts
from server.problems import refusals
from server.routes.given import Given, Reading, SameOrigin, Trainer
from server.shapes.session import Me, SignIn

router = APIRouter(prefix="/v1", tags=["session"])


@router.post(
    "/sign-in",
    dependencies=[SameOrigin],
    responses=refusals(errors.WrongPassword, errors.CrossOrigin, errors.TooManyTries),
)
def sign_in(request: SignIn, http: Request, response: Response, parts: Given, session: Reading) -> Me:
    """Answers with a session cookie: signed, HttpOnly, SameSite=Strict, for a working day."""
    who = (http.client.host if http.client else "unknown", request.name.lower())
    parts.sign_in_limit.check(*who)
    try:
        account = accounts.with_password(session, request.name, request.password)
    except errors.WrongPassword:
        parts.sign_in_limit.count(*who)
        raise
    sessions.give(response, parts.cookies.sign(account), secure=parts.settings.is_https)
    return accounts.me(session, account.id)


@router.post("/sign-out", status_code=204, dependencies=[SameOrigin], responses=refusals(errors.CrossOrigin))
def sign_out(response: Response) -> None:
    sessions.take_back(response)


@router.get("/me", responses=refusals(errors.NotSignedIn))
def me(who: Trainer, session: Reading) -> Me:
    return accounts.me(session, who.account_id)
