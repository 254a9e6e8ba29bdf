"""The list of self-checks, and what they say of an installation now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from uuid import UUID

from application.auditing import AuditLog
from application.clock import Clock
from application.credentials import Credentials
from application.examination import LogContradicted, MemoryContradicted
from application.license_keys import LicenseKeys
from application.licensing import Licensing
from application.log import Log
from application.proof.notes import LogKeyUnusable
from application.self_checks.clock import of_clock, of_day, of_server
from application.self_checks.finding import Finding, alarm, warning
from application.self_checks.modes import OwnFiles, of_modes
from application.self_checks.receivers import of_receivers
from application.signer_memory import SignerMemoryUnusable
from application.views.names import misnamed
from application.webhooks import Webhook
from domain.layered import Map
from domain.local_time import spelled_at
from domain.refusals import Refused
from domain.state import User

Check = Callable[[UUID], Iterator[Finding]]


def of_schema(log: Log) -> Iterator[Finding]:
    """One finding for all tables and triggers that are missing or other ones, and whether we could change them."""
    if names := log.schema_differences():
        yield alarm("schema_differs", "schema", names=names)
    if role := log.mighty_role():
        yield warning("program_owns_log", "schema", role=role)


class SelfChecks:
    """Asks each check of the list; one that cannot look is a finding itself and hides no other.

    Asked by the timer, the commands, Audit > Overview and the readiness detail: never by a login check.
    """

    def __init__(
        self,
        log: Log,
        licensing: Licensing,
        audit: AuditLog,
        credentials: Credentials,
        keys: Callable[[], LicenseKeys],
        clock: Clock,
        files: Callable[[], OwnFiles],
        server_clock: Callable[[], datetime | None],
        receivers: Callable[[], list[Webhook]],
    ) -> None:
        """`server_clock` is that of the database's server, if it has one; `receivers` are told what happens."""
        self._log, self._licensing, self._audit, self._credentials = log, licensing, audit, credentials
        self._keys, self._clock, self._files = keys, clock, files
        self._server_clock, self._receivers = server_clock, receivers
        self._named: tuple[Map[str, User], set[str]] | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check, in the order in which people are told."""
        return (
            self._schema,
            self._modes,
            self._history,
            self.signer,
            self._signatures,
            self._losses,
            self._keyring,
            self._registrations,
            self._people,
            self._time,
            self._notifications,
        )

    def findings(self, id_: UUID) -> list[Finding]:
        """Everything that is wrong now."""
        return list(chain.from_iterable(self._ask_safely(check, id_) for check in self.checks))

    @staticmethod
    def _ask_safely(check: Check, id_: UUID) -> list[Finding]:
        try:
            return list(check(id_))
        except Exception as error:  # whatever it is: a check that fails says so, and never takes an answer with it
            return [alarm("check_failed", check.__name__.strip("_"), reason=repr(error))]

    def _schema(self, id_: UUID) -> Iterator[Finding]:
        """The tables and the triggers that keep the history append-only, and whether there is one history alone."""
        yield from of_schema(self._log)
        if others := [other for other in self._log.installation_ids() if other != id_]:
            yield alarm("several_installations", "database", id=str(id_), other=str(others[0]))

    def _modes(self, _id: UUID) -> Iterator[Finding]:
        return of_modes(self._files())

    def _history(self, id_: UUID) -> Iterator[Finding]:
        """What the timer and every signing found to be wrong with events, leaves and signatures."""
        for each in self._audit.alarms(id_):
            yield alarm(
                "history_altered", "history", position=each.position, message=each.message, found_at=each.found_at
            )

    def signer(self, id_: UUID) -> Iterator[Finding]:
        """Whether the log extends what was signed last, as the signer remembers it (ADR 33)."""
        with suppress(LogKeyUnusable):  # nothing is signed then, which is said elsewhere
            try:
                if not self._audit.ask_remembered(id_):
                    yield warning("signer_memory_missing", "keys", path=str(self._audit.memory_path))
            except MemoryContradicted as contradicted:
                yield alarm("signing_refused", "history", problem=contradicted.facts["problem"])
            except LogContradicted:
                return  # the look at the whole log says it with its own words
            except SignerMemoryUnusable as unusable:
                yield alarm("signer_memory_unusable", "keys", problem=unusable.facts["problem"])

    def _signatures(self, id_: UUID) -> Iterator[Finding]:
        """Whether all checkpoints since our key's first one are by our key."""
        with suppress(LogKeyUnusable):
            if (size := self._audit.signed_by_another(id_)) is not None:
                yield warning("signed_by_another_key", "keys", size=size)

    def _losses(self, id_: UUID) -> Iterator[Finding]:
        """What this very process saw go from under it."""
        zone = self._licensing.now(id_).time_zone
        loss = self._licensing.views.loss(id_)
        if loss is not None:
            code = "newest_event_altered" if loss.is_altered else "store_went_back"
            yield alarm(code, "history", position=loss.position, noticed_at=spelled_at(loss.noticed_at, zone))

    def _keyring(self, _id: UUID) -> Iterator[Finding]:
        try:
            keyring = self._keys().keyring
        except Refused as refusal:
            yield alarm("keyring_unusable", "keyring", problem=refusal.facts["problem"])
        except Exception as error:  # none is named: the settings say so, which stand above us
            yield warning("keyring_unusable", "keyring", problem=getattr(error, "problem", repr(error)))
        else:
            yield from (warning("key_passed_over", "keyring", problem=problem) for problem in keyring.passed_over)

    def _registrations(self, id_: UUID) -> Iterator[Finding]:
        """What each license key says of its registration, by the keyring of now (S-5, S-8)."""
        for position, verdict in self._licensing.views.registrations(id_):
            if verdict.is_contradicted:
                yield alarm("license_contradicted", "registrations", position=position, problem=verdict.problem)
            elif verdict.problem is not None:
                yield warning("signing_key_gone", "registrations", position=position, problem=verdict.problem)

    def _people(self, id_: UUID) -> Iterator[Finding]:
        """Names that do not open though nobody erased them, and what erasing needs beside the secret key (P3, P5)."""
        nameless = self._licensing.now(id_).view.nameless
        if nameless:
            yield alarm("names_unreadable", "people", number=len(nameless), account_id=min(nameless))
        if broken := self._misnamed(id_):
            yield alarm("names_broken", "people", number=len(broken), account_id=min(broken))
        try:
            self._licensing.erasing.ask_usable()
        except Refused as refusal:
            yield alarm(refusal.code, "people", **refusal.facts)

    def _misnamed(self, id_: UUID) -> set[str]:
        """Looked for anew when somebody was added or changed: it takes some microseconds for each of them."""
        view = self._licensing.now(id_).view
        if self._named is None or self._named[0] is not view.users:
            self._named = view.users, misnamed(view)
        return self._named[1]

    def _time(self, id_: UUID) -> Iterator[Finding]:
        now = self._licensing.now(id_)
        before, server, after = self._clock(), self._server_clock(), self._clock()
        yield from of_server(before, server, after, now.time_zone)
        yield from of_clock(self._clock(), self.newest_moments(id_), now.time_zone)
        yield from of_day(now)

    def _notifications(self, id_: UUID) -> Iterator[Finding]:
        """Whether webhooks and mail arrive (ADR 65, 66)."""
        return of_receivers(self._receivers(), self._clock(), self._licensing.now(id_).time_zone)

    def newest_moments(self, id_: UUID) -> dict[str, datetime | None]:
        """The newest moment of everything that this machine's clock has stamped; None where there is none."""
        return {
            "newest_event": self._licensing.views.of(id_).newest_moment(),
            "newest_checkpoint": self._audit.newest_moment(id_),
            "newest_session": self._credentials.newest_session(),
            "newest_attempt": self._credentials.newest_attempt(),
        }
