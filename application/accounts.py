"""Who signs in here: administrators and auditors, with a password; rights are asked of the view at every request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple
from uuid import UUID

from application.clock import Clock
from application.credentials import (
    AccountLanguages,
    CalendarAddresses,
    Credentials,
    Enrollment,
    OpenSession,
    Outcome,
    SecondFactors,
    SignIns,
    SignInThrottle,
    TooManyAttempts,
    accepted_password,
)
from application.credentials.tables import CLOCK_SKEW
from application.licensing import Licensing
from application.log.failures import UNSTORED, storing
from application.views.entitlement import Entitlement
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.login_name import login_key, shown
from domain.refusals import Refused, UnknownAccount
from domain.state import User

logger = logging.getLogger("seatledger.accounts")

CODE_WAITS = 5 * 60
"""Seconds for which a right password waits for the code of the second factor."""


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


class CodeNeeded(NamedTuple):
    """The password, or the link, was right; the account has a second factor, whose code comes next.

    Whoever holds this may bring codes for five minutes from `at` (seconds since 1970).
    """

    account_id: str
    since: int
    at: int
    outcome: str


class SignedIn(NamedTuple):
    """An open session: its token, and the token by which the throttle knows this device again."""

    session: str
    device: str


class _Who(NamedTuple):
    """Of whom a line of the security log tells: the address, and the account or the name as it was typed."""

    source: str
    account_id: str | None
    name: str | None = None


class SignInRefused(Refused):
    """The name or the password was wrong; which of them is not said."""

    code = "sign_in_failed"


class LinkOver(Refused):
    """The one-time link was used, replaced, is older than a day, or its account lost its right."""

    code = "link_over"


class PasswordUnfinished(Refused):
    """A password was recorded, but not stored as far as anybody knows.

    The fact `stage`: “link” if the link is used up now, “session” if the password is stored and the session is not.
    """

    code = "password_unfinished"

    @property
    def says(self) -> str:
        return f"{self.code}.{self.facts['stage']}" if "stage" in self.facts else self.code


class LinkUnfinished(Refused):
    """A one-time link was recorded, but not stored as far as anybody knows."""

    code = "link_unfinished"


class Accounts:
    """Signing in, passwords, one-time links and sessions of the accounts of an installation.

    Every sign-in, failure and sign-out is a line of the security log (`SignIns`); every link and every new password
    is an event.
    """

    def __init__(
        self,
        licensing: Licensing,
        credentials: Credentials,
        throttle: SignInThrottle,
        sign_ins: SignIns,
        second_factors: SecondFactors,
        calendar_addresses: CalendarAddresses,
        languages: AccountLanguages,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._calendar_addresses = calendar_addresses
        self._languages = languages
        self._second_factors = second_factors
        self._licensing = licensing
        self._credentials = credentials
        self._throttle = throttle
        self._sign_ins = sign_ins

    def sign_in(
        self, id_: UUID, name: str, password: str, *, source: str, device: str | None = None
    ) -> SignedIn | CodeNeeded:
        """Open a session, or ask for the second factor; never depends on the license.

        Raises SignInRefused, TooManyAttempts.
        """
        key = login_key(name)
        view = self._licensing.now(id_).view
        account = named(view, name)
        account_id, since = (account.account_id, account.since) if account else (None, 0)
        who = _Who(source, account_id or view.account_id(name), name)
        with storing():
            try:
                self._throttle.before_attempt(key, source, device)
            except TooManyAttempts:
                self._record(Outcome.TOO_MANY_ATTEMPTS, who)
                raise
            if not self._credentials.verify_password(account_id, since, password) or account is None:
                self._record(Outcome.WRONG_PASSWORD if account else Outcome.UNKNOWN_NAME, who)
                raise SignInRefused
            return self._open(account, source, device, Outcome.SIGNED_IN)

    def bring_code(
        self, id_: UUID, needed: CodeNeeded, code: str, *, source: str, device: str | None = None
    ) -> SignedIn:
        """Open the session that waits for the code of the second factor, or for a recovery code.

        Raises CodeRefused, TooManyAttempts, SignInRefused if it waited too long or the right was lost meanwhile.
        """
        account = account_of(self._licensing.now(id_).view, needed.account_id)
        if account is None or account.since != needed.since or not self._is_recent(needed):
            raise SignInRefused
        with storing():
            self._throttle.before_code(account.account_id)
            if not self._second_factors.accepts(account.account_id, account.since, code):
                self._record(Outcome.WRONG_CODE, _Who(source, account.account_id))
                raise CodeRefused
            self._throttle.succeeded_with_code(account.account_id)
            return self._admit(account, source, device, Outcome(needed.outcome))

    def _is_recent(self, needed: CodeNeeded) -> bool:
        return 0 <= self._clock().timestamp() - needed.at + CLOCK_SKEW <= CODE_WAITS + CLOCK_SKEW

    # The second factor

    def has_second_factor(self, account: Account) -> bool:
        return self._second_factors.is_on(account.account_id, account.since)

    def recovery_codes_left(self, account: Account) -> int:
        return self._second_factors.recovery_codes_left(account.account_id, account.since)

    def begin_second_factor(self, account: Account, *, issuer: str) -> Enrollment:
        """A new secret for the account's app, on once `confirm_second_factor` got its first code."""
        with storing():
            return self._second_factors.begin(account.account_id, account.since, name=account.name, issuer=issuer)

    def waiting_second_factor(self, account: Account, *, issuer: str) -> Enrollment | None:
        return self._second_factors.waiting(account.account_id, account.since, name=account.name, issuer=issuer)

    def confirm_second_factor(self, account: Account, code: str, *, source: str) -> list[str]:
        """Turn the factor on; gives its recovery codes, to be shown once. Raises CodeRefused, TooManyAttempts."""
        with storing():
            self._throttle.before_code(account.account_id)
            codes = self._second_factors.confirm(account.account_id, account.since, code)
            if codes is None:
                raise CodeRefused
        self._record_deed(Outcome.SECOND_FACTOR_ON, _Who(source, account.account_id))
        with suppress(*UNSTORED), storing():
            self._throttle.succeeded_with_code(account.account_id)
        return codes

    def turn_second_factor_off(self, account: Account, *, source: str) -> None:
        """Nothing happens if it is off."""
        if not self.has_second_factor(account):
            return
        with storing():
            self._second_factors.turn_off(account.account_id)
        self._record_deed(Outcome.SECOND_FACTOR_OFF, _Who(source, account.account_id))

    # The language

    def language_tag(self, account: Account) -> str | None:
        """The tag of the language that the account has chosen; None if it has chosen none."""
        return self._languages.of(account.account_id)

    def choose_language(self, account: Account, tag: str | None) -> None:
        with storing():
            self._languages.choose(account.account_id, tag)

    # The calendar

    def has_calendar(self, account: Account) -> bool:
        return self._calendar_addresses.is_on(account.account_id, account.since)

    def make_calendar(self, account: Account, *, source: str) -> str:
        """The secret of a new address of the account's calendar; an earlier address is good for nothing any more."""
        with storing():
            secret = self._calendar_addresses.make(account.account_id, account.since)
        self._record_deed(Outcome.CALENDAR_ON, _Who(source, account.account_id))
        return secret

    def turn_calendar_off(self, account: Account, *, source: str) -> None:
        """Nothing happens if it is off."""
        if not self.has_calendar(account):
            return
        with storing():
            self._calendar_addresses.turn_off(account.account_id)
        self._record_deed(Outcome.CALENDAR_OFF, _Who(source, account.account_id))

    def calendar_holder(self, id_: UUID, secret: str, *, source: str) -> Account | None:
        """The administrator whose calendar has this secret; None if nobody's has, or the right was lost since (K11).

        Raises TooManyAttempts, whatever the secret, where too many were asked for that are nobody's.
        """
        self._throttle.before_calendar(source)
        holder = self._calendar_addresses.holder(secret)
        account = account_of(self._licensing.now(id_).view, holder.account_id) if holder else None
        if account and holder and account.since == holder.since and not account.is_auditor:
            return account
        with suppress(*UNSTORED), storing():  # it is nobody's, counted or not
            self._throttle.no_calendar(source)
        return None

    # Sessions

    def who(self, view: Entitlement, session: str) -> Account | None:
        """Whose session this is; None if it is over, or the account's right is (U6)."""
        holder = self._credentials.session(session)
        account = account_of(view, holder.account_id) if holder else None
        return account if account and holder and account.since == holder.since else None

    def sign_out(self, session: str, *, source: str) -> None:
        """End a session; one that is over already is no error."""
        with storing():
            holder = self._credentials.session(session)
            self._credentials.close_session(session)
        if holder:
            self._record_deed(Outcome.SIGNED_OUT, _Who(source, holder.account_id))

    def sessions(self, account: Account) -> list[OpenSession]:
        """The account's open sessions, the one that was used last first."""
        return self._credentials.sessions_of(account.account_id, account.since)

    def end_sessions(
        self, account: Account, *, source: str, key: str | None = None, except_: str | None = None
    ) -> None:
        """End one session of the account by its key, or all but the one with the token `except_`."""
        with storing():
            self._credentials.end_sessions(account.account_id, key=key, except_token=except_)
        self._record_deed(Outcome.SESSION_ENDED, _Who(source, account.account_id))

    def confirm(self, account: Account, password: str, *, session: str) -> None:
        """The own password, given again before what must not be done with somebody else's open browser.

        Raises CurrentPasswordWrong, TooManyAttempts; counted for this session alone, so strangers delay nobody.
        """
        with storing():
            self._throttle.before_attempt_in(session)
            if not self._credentials.verify_password(account.account_id, account.since, password):
                raise CurrentPasswordWrong
            self._throttle.succeeded_in(session)
            self._credentials.confirm(session)

    def is_confirmed(self, session: str) -> bool:
        """Whether the password was given again within the last five minutes."""
        return self._credentials.is_confirmed(session)

    def set_password(
        self, id_: UUID, account: Account, password: str, *, how: str, by: str, session: str | None = None
    ) -> None:
        """Give an account a password; its sessions end, except `session`.

        Raises PasswordInvalid, PasswordUnfinished.
        """
        accepted_password(password, self._context(id_, account))
        self._licensing.record_password_change(id_, account.account_id, how, by=by)
        with _going_on(PasswordUnfinished()):
            self._credentials.set_password(account.account_id, account.since, password, except_token=session)

    def change_password(self, id_: UUID, account: Account, current: str, new: str, *, session: str) -> None:
        """Change one's own password. Raises CurrentPasswordWrong, PasswordInvalid, TooManyAttempts."""
        self.confirm(account, current, session=session)
        self.set_password(id_, account, new, how="own", by=account.by, session=session)

    def set_password_here(self, id_: UUID, name: str, password: str, *, by: str) -> None:
        """Set an account's password on the machine itself; the next five sign-ins then work whatever was guessed.

        Raises UnknownAccount, PasswordInvalid.
        """
        account = self.account(id_, name)
        self.set_password(id_, account, password, how="machine", by=by)
        with storing():
            self._throttle.welcome(login_key(account.name))

    def make_link(self, id_: UUID, name: str, *, by: str) -> str:
        """The token of a one-time link with which the account sets its password. Raises UnknownAccount, LinkUnfinished.

        Recorded first: a link that nobody knows of cannot be.
        """
        account = self.account(id_, name)
        self._licensing.record_password_link(id_, account.account_id, by=by)
        with _going_on(LinkUnfinished()):
            return self._credentials.make_link(account.account_id, account.since)

    def link_holder(self, id_: UUID, token: str) -> Account:
        """Whose link this is, without using it up. Raises LinkOver."""
        holder = self._credentials.peek_link(token)
        account = account_of(self._licensing.now(id_).view, holder.account_id) if holder else None
        if account is None or holder is None or account.since != holder.since:
            raise LinkOver
        return account

    def redeem_link(
        self, id_: UUID, token: str, password: str, *, source: str, device: str | None = None
    ) -> SignedIn | CodeNeeded:
        """Set the password of the link's account, once, and sign in; the device is known from then on.

        A second factor is asked all the same.

        Raises PasswordInvalid (the link stays good), LinkOver, PasswordUnfinished.
        """
        account = self.link_holder(id_, token)
        accepted_password(password, self._context(id_, account))
        with storing():
            redeemed = self._credentials.redeem_link(token)
        if redeemed is None:
            raise LinkOver
        try:
            self.set_password(id_, account, password, how="link", by=account.by)
        except (PasswordUnfinished, *UNSTORED) as refusal:
            raise PasswordUnfinished(stage="link") from refusal
        with _going_on(PasswordUnfinished(stage="session")):
            return self._open(account, source, device, Outcome.SIGNED_IN_BY_LINK)

    def _open(self, account: Account, source: str, device: str | None, outcome: Outcome) -> SignedIn | CodeNeeded:
        if self.has_second_factor(account):
            return CodeNeeded(account.account_id, account.since, int(self._clock().timestamp()), outcome.value)
        return self._admit(account, source, device, outcome)

    def _admit(self, account: Account, source: str, device: str | None, outcome: Outcome) -> SignedIn:
        device = self._throttle.succeeded(login_key(account.name), source, device)
        session = self._credentials.open_session(account.account_id, account.since, source)
        self._record(outcome, _Who(source, account.account_id))
        return SignedIn(session, device)

    def _record(self, outcome: Outcome, who: _Who) -> None:
        self._sign_ins.record(outcome, who.source, account_id=who.account_id, name=who.name)

    def _record_deed(self, outcome: Outcome, who: _Who) -> None:
        """A line about what is done already: if it cannot be stored, nobody is told that nothing was changed."""
        try:
            with storing():
                self._record(outcome, who)
        except UNSTORED as refusal:
            logger.error("The security log lacks a line (%s): %s", outcome.value, sentence(refusal, ENGLISH))  # noqa: TRY400  the sentence says all of it

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


@contextmanager
def _going_on(unfinished: Refused) -> Iterator[None]:
    """Storing, after something else was stored: that nothing was changed is not true any more."""
    try:
        with storing():
            yield
    except UNSTORED as refusal:
        raise unfinished from refusal


class CodeRefused(Refused):
    """The code of the second factor was wrong, over, or used already."""

    code = "code_refused"


class CurrentPasswordWrong(Refused):
    """One's own password was to be changed, but the current one was not right."""

    code = "current_password_wrong"


def named(view: Entitlement, name: str) -> Account | None:
    """The administrator or auditor who bears this name; whoever gave it up does not sign in by it any more (U8)."""
    user, auditor = view.user(name), view.auditor(name)
    account_id = user.user_id if user else auditor.auditor_id if auditor else None
    return account_of(view, account_id) if account_id else None


def account_of(view: Entitlement, account_id: str) -> Account | None:
    """The administrator or auditor with this id."""
    account, since = view.account(account_id), view.right_since(account_id)
    if account is None or since is None:
        return None
    if isinstance(account, User):
        return Account(account_id, account.login_name, is_auditor=False, since=since)
    return Account(account_id, account.name, is_auditor=True, since=since)
