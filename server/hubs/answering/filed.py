"""A file of a hub's enrolments, taken at the upstream as the hub's own round would be."""

from collections import Counter
from dataclasses import dataclass, field

from sqlmodel import Session

from server.courses.outline import Outlines
from server.database import Database
from server.errors import SetupError
from server.hubs.answering import ended_keys
from server.hubs.answering.adding import Adding
from server.hubs.answering.enrolling import caller, revoke
from server.hubs.answering.receiving import take_join
from server.hubs.filed import ADDITIONS, JOINS, Filed, Signed
from server.keys import KeyRing
from server.people.joining import Joining
from server.shapes.hubs import Answered, CarriedAdditions, CarriedJoins
from server.tables import Hub
from sync.errors import SyncError, UnknownDevice

ENDED = (
    "This hub's key was ended since: whoever has the laptop may have written this file. If you had it from hands that "
    "you trust, take it with --vouch; codes that the hub made stay ended."
)
STRANGER = "No hub of this server wrote this file. Take it to the server that the hub joined."
ALTERED = "This file is not as the hub signed it. Nothing more of it was taken. Copy it again."


@dataclass
class TakenIn:
    """What came of a file. `refused`: how many, by the code that the hub would be told."""

    additions: int = 0
    joins: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Filing:
    """`is_vouched`: an administrator knows where the file was, so that a key that was ended since will do."""

    database: Database
    joining: Joining
    outlines: Outlines
    keys: KeyRing
    is_vouched: bool = False

    def take(self, filed: Filed) -> TakenIn:
        """Each request in a transaction of its own; all may be repeated. Raises `SetupError`."""
        done = TakenIn()
        for one in filed.requests:
            with self.database.writing() as session:
                answers = self._take(session, filed.hub, one)
            taken = sum(not answer.code for answer in answers)
            done.additions += taken if one.path == ADDITIONS else 0
            done.joins += taken if one.path == JOINS else 0
            done.refused.update(answer.code for answer in answers if answer.code)
        return done

    def _take(self, session: Session, hub_id: str, one: Signed) -> list[Answered]:
        try:
            body = one.raw
            hub = self._signer(session, hub_id, one, body)
            if one.path == ADDITIONS:
                return self._add(session, hub, CarriedAdditions.model_validate_json(body))
            if one.path == JOINS:
                joins = CarriedJoins.model_validate_json(body).joins
                return [take_join(session, hub, self.joining, join) for join in joins]
        except ValueError as error:  # also Pydantic's
            raise SetupError(ALTERED) from error
        raise SetupError("This file was written by a newer hub. Update this server, then take it again.")

    def _add(self, session: Session, hub: Hub, carried: CarriedAdditions) -> list[Answered]:
        answers = Adding(session, hub, self.joining.inviting, self.outlines, self.keys).take(carried.additions)
        if hub.revoked_ms:
            revoke(session, hub.organisation_id, hub.id)  # the codes that came just now end too
        return answers

    def _signer(self, session: Session, hub_id: str, one: Signed, body: bytes) -> Hub:
        try:
            return caller(session, hub_id, one.path, body, one.signature)
        except ended_keys.SHOWN as error:
            if not self.is_vouched:
                raise SetupError(ENDED) from error
            return session.get_one(Hub, hub_id)
        except UnknownDevice as error:
            raise SetupError(
                "No hub of this server wrote this file. Take it to the one that the hub joined."
            ) from error
        except SyncError as error:
            raise SetupError(ALTERED) from error
