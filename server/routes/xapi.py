"""Statements for other systems: xAPI 1.0.3 (IEEE 9274.1.1), reading only. See docs/xapi.md."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from sqlmodel import Session

from server import errors
from server.access.sessions import COOKIE
from server.parts import Parts
from server.people import accounts
from server.people.accounts import SignedIn
from server.problems import refusals
from server.routes.given import Given, Reading
from server.shapes.xapi import EXAMPLE, StatementResult
from server.tables import Role
from server.xapi import Describing, StatementPlace, StatementQuery, find, one
from server.xapi.describing import STORED_VERBS, VERSION, moment
from server.xapi.paging import EVER_MS
from server.xapi.reach import consistent_through_ms

router = APIRouter(prefix="/v1/xapi", tags=["administrator"])
STATEMENTS_MAX = 500  # about 500 KB: what a reader takes in one go, and what a page may cost here
IRI_CHARACTERS_MAX = 1_024
PLACE = r"^[0-9]{1,15}\.[0-9a-f-]{36}$"
UUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
ASKABLE = frozenset({"limit", "since", "until", "verb", "activity", "agent", "ascending", "statementId", "after"})

Basic = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]
Iri = Annotated[str, Query(max_length=IRI_CHARACTERS_MAX)]
Moment = Annotated[datetime | None, Query(examples=["2026-11-20T00:00:00Z"])]


def _reader(request: Request, parts: Given, session: Reading, basic: Basic) -> SignedIn:
    """An administrator: by the console's session, or by name and password as other systems send them."""
    if basic:
        who = _with_password(request, parts, session, basic)
    else:
        who = accounts.signed_in(session, parts.cookies.read(request.cookies.get(COOKIE, "")))
    if who.role is not Role.ADMINISTRATOR:
        raise errors.NotAllowed("Only an administrator may read statements. Use an administrator's account.")
    return who


def _with_password(request: Request, parts: Parts, session: Session, basic: HTTPBasicCredentials) -> SignedIn:
    tried = (request.client.host if request.client else "unknown", basic.username.lower())
    parts.sign_in_limit.check(*tried)
    try:
        account = accounts.with_password(session, basic.username, basic.password)
    except errors.WrongPassword:
        parts.sign_in_limit.count(*tried)
        raise
    return SignedIn(account.id, account.organisation_id, account.role)


def _checked(request: Request) -> None:
    """What this server cannot answer is refused: a filter that is passed over would give out too much."""
    if unknown := sorted(set(request.query_params) - ASKABLE):
        raise errors.DoesNotFit(f"`{unknown[0][:64]}` cannot be asked for here. Ask with {', '.join(sorted(ASKABLE))}.")
    if not request.headers.get("x-experience-api-version", VERSION).startswith("1.0"):
        raise errors.DoesNotFit(f"Statements are of xAPI {VERSION}. Ask with X-Experience-API-Version: {VERSION}.")


def _said(response: Response, parts: Given, session: Reading) -> None:
    response.headers["X-Experience-API-Version"] = VERSION
    response.headers["X-Experience-API-Consistent-Through"] = moment(consistent_through_ms(session, parts.exchange.lag))


@router.get(
    "/statements",
    dependencies=[Depends(_checked), Depends(_said)],
    response_model=None,
    responses={
        200: {"model": StatementResult, "description": "A page; with `statementId`, that statement alone."},
        **refusals(errors.NotSignedIn, errors.NotAllowed, errors.NotFound, errors.DoesNotFit, errors.TooManyTries),
    },
)
def read_statements(
    who: Annotated[SignedIn, Depends(_reader)],
    request: Request,
    parts: Given,
    statement: Annotated[str, Query(alias="statementId", pattern=UUID, examples=[EXAMPLE["id"]])] = "",
    since: Moment = None,
    until: Moment = None,
    agent: Annotated[str, Query(max_length=IRI_CHARACTERS_MAX, description="An agent with an account, as JSON.")] = "",
    verb: Iri = "",
    activity: Iri = "",
    ascending: Annotated[bool, Query(description="Oldest stored first; newest first otherwise.")] = False,
    limit: Annotated[int, Query(ge=0, description=f"0, or more than {STATEMENTS_MAX}: {STATEMENTS_MAX}.")] = 0,
    after: Annotated[str, Query(pattern=PLACE, description="From `more`.")] = "",
) -> StatementResult | dict[str, Any]:
    """What learners did and what it was worth, by the moment it was stored here. Twice the same gives the same."""
    store, describing = parts.exchange.analytics, Describing(parts.settings.address)
    if statement:
        row = one(store, who.organisation_id, statement.lower())
        if row is None:
            raise errors.NotFound("statement", statement)
        return describing.statement(row)
    named = _named(describing, agent, verb, activity)
    if named is None:
        return StatementResult(statements=[], more="")
    asked = StatementQuery(
        organisation=who.organisation_id,
        limit=min(limit or STATEMENTS_MAX, STATEMENTS_MAX),
        since_ms=_ms(since, -1),
        until_ms=_ms(until, EVER_MS),
        ascending=ascending,
        after=_place(after),
        **named,
    )
    found = find(store, asked)
    more = _more(request, found.more) if found.more else ""
    return StatementResult(statements=list(map(describing.statement, found.rows)), more=more)


def _named(describing: Describing, agent: str, verb: str, activity: str) -> dict[str, str] | None:
    """Columns with their values; none when something is named that no statement of ours has."""
    learner = _known(describing.learner_of, agent)
    place = _known(describing.activity_of, activity)
    stored = _known(STORED_VERBS.get, verb)
    if None in (learner, place, stored):
        return None
    course, name = place or ("", "")
    return {"actor": learner or "", "verb": stored or "", "course": course, "object": name}


def _known(of: Callable[[str], Any], asked: str) -> Any:
    return of(asked) if asked else ""


def _ms(at: datetime | None, otherwise: int) -> int:
    """Milliseconds; a moment without a zone is UTC."""
    if at is None:
        return otherwise
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _place(after: str) -> StatementPlace | None:
    stored_ms, _, statement = after.partition(".")
    return StatementPlace(int(stored_ms), statement) if after else None


def _more(request: Request, place: StatementPlace) -> str:
    asked = {name: value for name, value in request.query_params.items() if name != "after"}
    return f"{request.url.path}?{urlencode(asked | {'after': f'{place.stored_ms}.{place.statement}'})}"
