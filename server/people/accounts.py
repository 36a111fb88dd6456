"""The people who sign in, and their organisations."""

from dataclasses import dataclass

from sqlmodel import Session, select

from server import errors
from server.access.sessions import Claim, stamp_of
from server.people import passwords, upward
from server.shapes.common import Named
from server.shapes.session import Me
from server.tables import Account, Organisation, Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whoever asks: what they see and change is their organisation's."""

    account_id: str
    organisation_id: str
    role: Role


def add(session: Session, organisation: Organisation, name: str, role: Role, password: str) -> Account:
    if session.exec(select(Account).where(Account.name == name.lower())).first():
        raise errors.AlreadyThere(f"There is an account {name} already. Choose another name.")
    account = Account(
        organisation_id=organisation.id,
        name=name.lower(),
        display_name=name,
        password_hash=passwords.hashed(password),
        role=role,
    )
    session.add(account)
    session.flush()
    return account


def with_password(session: Session, name: str, password: str) -> Account:
    query = select(Account).where(Account.name == name.lower())
    account = None if "\0" in name else session.exec(query).first()  # PostgreSQL asks for no text with NUL
    right = passwords.fits(password, account.password_hash if account else None)
    if account is None or not right or account.disabled_ms is not None:
        raise errors.WrongPassword("The name or the password is wrong. Try again, or ask an administrator.")
    return account


def signed_in(session: Session, claim: Claim) -> SignedIn:
    account = session.get(Account, claim.account_id)
    if account is None or account.disabled_ms is not None or stamp_of(account) != claim.stamp:
        raise errors.NotSignedIn("Your session has ended. Sign in again.")
    return SignedIn(account.id, account.organisation_id, account.role)


def me(session: Session, account_id: str) -> Me:
    account = session.get_one(Account, account_id)
    organisation = session.get_one(Organisation, account.organisation_id)
    return Me(
        id=account.id,
        name=account.name,
        display_name=account.display_name,
        role=account.role,
        organisation=Named(id=organisation.id, name=organisation.name),
        is_hub=upward.is_hub(session),
    )


def organisations(session: Session) -> list[Organisation]:
    return list(session.exec(select(Organisation).order_by(Organisation.name)))


def organisation_named(session: Session, name: str) -> Organisation:
    """The organisation of that name; without a name, the only one there is."""
    there = organisations(session)
    fitting = [each for each in there if name in ("", each.name, each.id)]
    if len(fitting) == 1:
        return fitting[0]
    if not there:
        raise errors.SetupError("There is no organisation yet. Make one: tiffin account add NAME")
    names = ", ".join(each.name for each in there)
    raise errors.SetupError(f"Say which organisation with --organisation; there are: {names}.")


def add_organisation(session: Session, name: str) -> Organisation:
    organisation = Organisation(name=name)
    session.add(organisation)
    session.flush()
    return organisation
