"""The webhooks of an installation, in a table beside the log: where each goes, and how far it has got."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Engine, Row, delete, or_, select, update

from application.clock import Clock
from application.credentials.tables import notices, receivers, seconds
from application.log.beside import insert
from application.log.failures import storing
from application.webhooks.messages import DELIVERED, WARNING, wanted_types
from application.webhooks.signatures import ASYMMETRIC, Mac, key_of, shown_key
from application.webhooks.targets import Guard
from domain.refusals import Problem, Refused

MAIL = "mail"
"""The receiver that is no webhook: the addresses of the settings (application/mail)."""

MOST = 20
"""How many webhooks there can be: one that hangs takes ten seconds of whoever delivers."""

LEASE = 60
"""Seconds after which whoever delivers is taken for dead; each delivery takes ten at most, and begins them anew."""

BY_HAND, GONE, FAILED = "by_hand", "gone", "failed"
"""Why nothing is delivered: somebody stopped it, the receiver said 410, or it failed for days."""

_ROWS = receivers.c


class UnknownWebhook(Refused):
    code = "unknown_webhook"


class TooManyWebhooks(Refused):
    code = "too_many_webhooks"


class Webhook(NamedTuple):
    """A webhook: where it goes, what it gets, and how far that is."""

    id: str
    url: str
    signature: str
    types: tuple[str, ...]
    made_at: datetime
    position: int
    """Up to which everything of the log that it gets was delivered."""
    stopped: str | None
    failures: int
    """How often the next delivery has failed."""
    failing_since: datetime | None
    next_at: datetime | None
    """Before which nothing is tried again."""
    delivered_at: datetime | None
    problem: Problem | None
    """Why the last delivery failed; None if it did not."""

    def waiting(self, newest: int) -> int:
        """How many events of the log up to that position were not looked at for it; after a restore, none may be."""
        return max(newest - self.position, 0)

    @property
    def was_given_up(self) -> bool:
        """Whether it was turned off because of its receiver, and not by hand."""
        return self.stopped not in (None, BY_HAND)

    @property
    def gets_everything(self) -> bool:
        return set(self.types) == set(DELIVERED)


class NewWebhook(NamedTuple):
    """A webhook, and what its receiver needs to know the sender by: `whpk_…`, or the secret `whsec_…`."""

    webhook: Webhook
    key: str


class Webhooks:
    """Adds, lists, stops and removes webhooks; remembers for each what was delivered. Threads may share it."""

    def __init__(self, engine: Engine, clock: Clock, mac: Mac, guard: Guard) -> None:
        self._engine, self._clock, self._mac, self._guard = engine, clock, mac, guard

    def add(
        self,
        url: str,
        patterns: Iterable[str],
        position: int,
        *,
        signature: str = ASYMMETRIC,
        command_id: UUID | None = None,
    ) -> NewWebhook:
        """A webhook that gets what comes after `position`, and the warnings that there are.

        A command that comes again, with the same id, finds the webhook there and gives the same.

        Raises WebhookUrlRefused, EventTypeUnknown, TooManyWebhooks, PepperUnusable, Busy, StorageFailed.
        """
        types = wanted_types(list(patterns))
        self._guard.ask_reachable(url)
        id_ = (command_id or uuid4()).hex[:8]
        key = shown_key(signature, key_of(id_, signature, self._mac))
        row = {
            "receiver_id": id_,
            "url": url,
            "signature": signature,
            "types": " ".join(types),
            "position": position,
            **self._begun(),
        }
        with storing(), self._engine.begin() as connection:
            present = {each.receiver_id for each in connection.execute(select(_ROWS.receiver_id))} - {MAIL}
            if len(present | {id_}) > MOST:
                raise TooManyWebhooks(most=MOST)
            connection.execute(insert(self._engine, receivers).values(row).on_conflict_do_nothing())
        return NewWebhook(self.get(id_), key)

    def all(self) -> list[Webhook]:
        """All of them, the oldest first."""
        with self._engine.connect() as connection:
            rows = select(receivers).where(_ROWS.receiver_id != MAIL).order_by(_ROWS.made_at, _ROWS.receiver_id)
            return list(map(_of, connection.execute(rows)))

    def get(self, id_: str) -> Webhook:
        """Raises UnknownWebhook."""
        webhook = self._find(id_)
        if webhook is None or id_ == MAIL:
            raise UnknownWebhook(id=id_[:80])
        return webhook

    def mail(self) -> Webhook | None:
        """How the mail stands; None before the first look."""
        return self._find(MAIL)

    def begin_mail(self) -> None:
        """Let there be the mail's row, for the lease and what becomes of it. Raises Busy, StorageFailed."""
        row = {"receiver_id": MAIL, "url": "", "signature": "", "types": WARNING, "position": 0, **self._begun()}
        with storing(), self._engine.begin() as connection:
            connection.execute(insert(self._engine, receivers).values(row).on_conflict_do_nothing())

    def remove(self, id_: str) -> None:
        """Raises UnknownWebhook, Busy, StorageFailed."""
        _ask_webhook(id_)
        with storing(), self._engine.begin() as connection:
            if connection.execute(delete(receivers).where(_ROWS.receiver_id == id_)).rowcount == 0:
                raise UnknownWebhook(id=id_[:80])
            # Now nobody who delivers adds any: each asks for the row before.
            connection.execute(delete(notices).where(notices.c.receiver_id == id_))

    def stop(self, id_: str) -> None:
        """Deliver nothing until it is resumed. Raises UnknownWebhook, Busy, StorageFailed."""
        _ask_webhook(id_)
        self._change(id_, stopped=BY_HAND)

    def resume(self, id_: str) -> None:
        """Deliver now, from where it stood still. Raises UnknownWebhook, Busy, StorageFailed."""
        _ask_webhook(id_)
        self._go_on(id_)

    def retry_mail(self) -> None:
        """Send at once what the mail server had not taken. Raises UnknownWebhook before the first look."""
        self._go_on(MAIL)

    def key(self, webhook: Webhook) -> bytes:
        """What signs its deliveries. Raises PepperUnusable."""
        return key_of(webhook.id, webhook.signature, self._mac)

    def _begun(self) -> dict[str, int]:
        """How a receiver stands that was told nothing yet."""
        return {"made_at": seconds(self._clock()), "failures": 0, "next_at": 0, "leased_at": 0}

    def _find(self, id_: str) -> Webhook | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(receivers).where(_ROWS.receiver_id == id_)).first()
        return None if row is None else _of(row)

    # For whoever delivers: one at a time, of all workers of all servers

    def lease(self, id_: str) -> Lease | None:
        """The right to deliver to it; None while somebody else has it, or nothing is to be tried now."""
        now, holder = seconds(self._clock()), token_hex(8)
        # A moment that lies ahead was written before the clock was set back.
        is_free = or_(_ROWS.lease.is_(None), _ROWS.leased_at <= now - LEASE, _ROWS.leased_at > now + LEASE)
        is_due = or_(_ROWS.next_at <= now, _ROWS.next_at > now + LONGEST_AHEAD)
        claim = update(receivers).where(_ROWS.receiver_id == id_, _ROWS.stopped.is_(None), is_free, is_due)
        with storing(), self._engine.begin() as connection:
            if connection.execute(claim.values(lease=holder, leased_at=now)).rowcount == 0:
                return None
            row = connection.execute(select(receivers).where(_ROWS.receiver_id == id_)).one()
        return Lease(self._engine, self._clock, _of(row), holder)

    def is_due(self, webhook: Webhook) -> bool:
        """Whether something may be delivered to it now, if there is anything."""
        ahead = seconds(webhook.next_at) - seconds(self._clock()) if webhook.next_at else 0
        return webhook.stopped is None and (ahead <= 0 or ahead > LONGEST_AHEAD)

    def untold(self, receiver: str, keys: Collection[str]) -> set[str]:
        """Those of the keys of warnings that this receiver was not told."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(notices.c.key).where(notices.c.receiver_id == receiver))
            return set(keys) - {row.key for row in rows}

    def _go_on(self, id_: str) -> None:
        self._change(id_, stopped=None, failures=0, failing_since=None, next_at=0)

    def _change(self, id_: str, **values: str | int | None) -> None:
        with storing(), self._engine.begin() as connection:
            if connection.execute(update(receivers).where(_ROWS.receiver_id == id_).values(**values)).rowcount == 0:
                raise UnknownWebhook(id=id_[:80])


def _ask_webhook(id_: str) -> None:
    """The mail is no webhook: nobody turns off by this name what warns everybody. Raises UnknownWebhook."""
    if id_ == MAIL:
        raise UnknownWebhook(id=id_)


LONGEST_AHEAD = 2 * 24 * 60 * 60
"""Seconds: no try is put off for longer."""


class Lease:
    """The right to deliver to one webhook. Whoever loses it, to another or because it was removed, is told False.

    Of one that was stopped meanwhile, what has come of the last delivery is still written down; then it is False, too.
    """

    def __init__(self, engine: Engine, clock: Clock, webhook: Webhook, holder: str) -> None:
        self._engine, self._clock, self._holder = engine, clock, holder
        self.webhook = webhook

    def passed(self, position: int) -> bool:
        """Nothing up to this position is to be delivered any more."""
        return self._keep(position=position)

    def delivered(self, *, position: int | None = None, key: str | None = None, problem: Problem | None = None) -> bool:
        """The event at this position, or the warning of this key, was delivered; `problem`: but not to all."""
        self.webhook = self.webhook._replace(failures=0, failing_since=None)
        now = seconds(self._clock())
        values: dict[str, str | int | None] = {"failures": 0, "failing_since": None, "next_at": 0}
        values["problem"] = _text_of(problem) if problem else None
        if position is not None:
            values["position"] = position
        return self._keep(key, delivered_at=now, **values)

    def failed(self, problem: Problem, *, next_at: datetime, stopped: str | None) -> bool:
        """A delivery failed; the next one is tried at that moment, unless the webhook is stopped."""
        now = seconds(self._clock())
        values: dict[str, str | int | None] = {"stopped": stopped} if stopped else {}  # by hand it may be meanwhile
        return self._keep(
            failures=self.webhook.failures + 1,
            failing_since=seconds(self.webhook.failing_since) if self.webhook.failing_since else now,
            next_at=seconds(next_at),
            problem=_text_of(problem),
            **values,
        )

    def end(self) -> None:
        """Let others deliver."""
        self._keep(lease=None)

    def _keep(self, key: str | None = None, /, **values: str | int | None) -> bool:
        now = seconds(self._clock())
        statement = update(receivers).where(_ROWS.receiver_id == self.webhook.id, _ROWS.lease == self._holder)
        with storing(), self._engine.begin() as connection:
            row_of_ours = connection.execute(statement.values(leased_at=now, **values).returning(_ROWS.stopped)).first()
            if row_of_ours is not None and key is not None:
                row = {"receiver_id": self.webhook.id, "key": key, "at": now}
                connection.execute(insert(self._engine, notices).values(row).on_conflict_do_nothing())
        return row_of_ours is not None and row_of_ours.stopped is None


def _text_of(problem: Problem) -> str:
    """A problem as it is stored; one within it as its own."""
    facts = {name: _stored(fact) for name, fact in problem.facts.items()}
    return json.dumps({"code": problem.code, "facts": facts})


def _stored(fact: object) -> object:  # object: what a Problem holds, and JSON
    return {"problem": _text_of(fact)} if isinstance(fact, Problem) else fact


def _problem_of(text: str) -> Problem:
    stored = json.loads(text)
    facts = {
        name: _problem_of(fact["problem"]) if isinstance(fact, dict) else fact for name, fact in stored["facts"].items()
    }
    return Problem(stored["code"], **facts)


def _of(row: Row[Any]) -> Webhook:  # Any: SQLAlchemy knows no types of columns
    return Webhook(
        row.receiver_id,
        row.url,
        row.signature,
        tuple(row.types.split(" ")),
        datetime.fromtimestamp(row.made_at, UTC),
        row.position,
        row.stopped,
        row.failures,
        _moment(row.failing_since),
        _moment(row.next_at),
        _moment(row.delivered_at),
        _problem_of(row.problem) if row.problem else None,
    )


def _moment(at: int | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None
