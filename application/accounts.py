"""Who signs in here: administrators and auditors, with a password; rights are asked of the view at every request."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from application.credentials import Credentials, SignInThrottle, accepted_password
from application.licensing import Licensing
from application.log.failures import storing
from application.views.entitlement import Entitlement, User
from domain.login_name import login_key, shown
from domain.refusals import Refused, UnknownAccount


class Account(NamedTuple):
    """Somebody signed in, with the right as it is now; `since` is the position of the event that gave it."""

    account_id: str
    name: str
    is_auditor: bool
    since: int

    @property
    def by(self) -> str:
        """How events name who did something."""
        return f"{'auditor' if self.is_auditor else 'user'}:{self.account_id}"


class SignedIn(NamedTuple):
    """An open session: its token, and the token by which the throttle knows this device again."""

    session: str
    device: str


class SignInRefused(Refused):
    """The name or the password was wrong; which of them is not said."""

    code = "sign_in_failed"


class LinkOver(Refused):
    """The one-time link was used, replaced, is older than a day, or its account lost its right."""

    code = "link_over"


class Accounts:
    """Signing in, passwords and one-time links of the accounts of an installation."""

    def __init__(self, licensing: Licensing, credentials: Credentials, throttle: SignInThrottle) -> None:
        self._licensing = licensing
        self._credentials = credentials
        self._throttle = throttle

    def sign_in(self, id_: UUID, name: str, password: str, *, source: str, device: str | None = None) -> SignedIn:
        """Open a session; never depends on the license. Raises SignInRefused, TooManyAttempts."""
        key = login_key(name)
        with storing():
            self._throttle.before_attempt(key, source, device)
            account = named(self._licensing.now(id_).view, name)
            account_id, since = (account.account_id, account.since) if account else (None, 0)
            if not self._credentials.verify_password(account_id, since, password) or account is None:
                raise SignInRefused
            device = self._throttle.succeeded(key, source, device)
            return SignedIn(self._credentials.open_session(account.account_id, account.since), device)

    def who(self, view: Entitlement, session: str) -> Account | None:
        """Whose session this is; None if it is over, or the account's right is (U6)."""
        holder = self._credentials.session(session)
        account = account_of(view, holder.account_id) if holder else None
        return account if account and holder and account.since == holder.since else None

    def sign_out(self, session: str) -> None:
        with storing():
            self._credentials.close_session(session)

    def set_password(self, id_: UUID, account: Account, password: str, *, by: str, session: str | None = None) -> None:
        """Give an account a password; its sessions end, except `session`. Raises PasswordInvalid."""
        accepted_password(password, self._context(id_, account))
        self._licensing.record_password_change(id_, account.account_id, by=by)
        with storing():
            self._credentials.set_password(account.account_id, account.since, password, except_token=session)

    def change_password(
        self, id_: UUID, account: Account, current: str, new: str, *, session: str, source: str
    ) -> None:
        """Change one's own password. Raises CurrentPasswordWrong, PasswordInvalid, TooManyAttempts."""
        with storing():
            self._throttle.before_attempt(login_key(account.name), source)
            if not self._credentials.verify_password(account.account_id, account.since, current):
                raise CurrentPasswordWrong
            self._throttle.succeeded(login_key(account.name), source)
        self.set_password(id_, account, new, by=account.by, session=session)

    def set_password_here(self, id_: UUID, name: str, password: str, *, by: str) -> None:
        """Set an account's password on the machine itself, which also ends the wait of a throttled name.

        Raises UnknownAccount, PasswordInvalid.
        """
        account = self.account(id_, name)
        self.set_password(id_, account, password, by=by)
        with storing():
            self._throttle.forgive(login_key(account.name))

    def make_link(self, id_: UUID, name: str) -> str:
        """The token of a one-time link with which the account sets its password. Raises UnknownAccount."""
        account = self.account(id_, name)
        with storing():
            return self._credentials.make_link(account.account_id, account.since)

    def link_holder(self, id_: UUID, token: str) -> Account:
        """Whose link this is, without using it up. Raises LinkOver."""
        holder = self._credentials.peek_link(token)
        account = account_of(self._licensing.now(id_).view, holder.account_id) if holder else None
        if account is None or holder is None or account.since != holder.since:
            raise LinkOver
        return account

    def redeem_link(self, id_: UUID, token: str, password: str) -> Account:
        """Set the password of the link's account, once. Raises PasswordInvalid (the link stays good), LinkOver."""
        account = self.link_holder(id_, token)
        accepted_password(password, self._context(id_, account))
        with storing():
            redeemed = self._credentials.redeem_link(token)
        if redeemed is None:
            raise LinkOver
        self.set_password(id_, account, password, by=account.by)
        return account

    def account(self, id_: UUID, name: str) -> Account:
        """The administrator or auditor of this name. Raises UnknownAccount."""
        account = named(self._licensing.now(id_).view, name)
        if account is None:
            raise UnknownAccount(name=shown(name))
        return account

    def has_password(self, account: Account) -> bool:
        return self._credentials.has_password(account.account_id, account.since)

    def _context(self, id_: UUID, account: Account) -> tuple[str, ...]:
        """The names with which whoever guesses this account's password begins."""
        view = self._licensing.now(id_).view
        return view.product, view.name, account.name


class CurrentPasswordWrong(Refused):
    """One's own password was to be changed, but the current one was not right."""

    code = "current_password_wrong"


def named(view: Entitlement, name: str) -> Account | None:
    """The administrator or auditor of this name."""
    account_id = view.account_id(name)
    return account_of(view, account_id) if account_id else None


def account_of(view: Entitlement, account_id: str) -> Account | None:
    """The administrator or auditor with this id."""
    account, since = view.account(account_id), view.right_since(account_id)
    if account is None or since is None:
        return None
    if isinstance(account, User):
        return Account(account_id, account.login_name, is_auditor=False, since=since)
    return Account(account_id, account.name, is_auditor=True, since=since)
