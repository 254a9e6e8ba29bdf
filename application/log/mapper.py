"""The only topics that may stand in a log, and how what is stored is read; a topic is otherwise imported as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, JSONTranscoder, Mapper, StoredEvent, UUIDAsHex

from application.log.failures import LogUnreadable
from application.log.sealing import MEMBER, SEALED, Unsealable, new_key, seal, unseal
from domain.installation import Installation
from domain.login_name import erased_name
from domain.refusals import Problem, Refused

PREFIX = "seatledger:"

TOPICS = frozenset(
    vars(event)["TOPIC"]
    for event in vars(Installation).values()
    if isinstance(event, type) and issubclass(event, Installation.Event) and "TOPIC" in vars(event)
) - {Installation.Created.TOPIC}
"""The topic of every event of the Installation."""

OF_CLASS = {getattr(Installation, name): sealed for name, sealed in SEALED.items()}

FIRST_BATCH, LARGEST_BATCH = 32, 128
"""For how many events the names' keys are read at once: few where a page is read, more where a log is folded. With a
thousand, what was read first has left the processor's cache before it is folded, and folding takes a fifth longer."""

KeysOf = Callable[[list[str]], Mapping[str, bytes]]
"""The keys of people, by their ids; those of erased people are gone (P2)."""

NameOf = Callable[[str, int], tuple[str, str]]
"""The name that an event at a position gives to the person of this id, and its login key."""

ReadEvents = Callable[[Iterable[StoredEvent]], Iterator[Installation.Event]]
"""Reads stored events, in their order."""


class PersonKeyGone(Refused):
    """A present person has no key, with which a new name could be sealed: it was removed by hand."""

    code = "person_key_gone"


@dataclass(frozen=True)
class StoredWithName(StoredEvent):
    """A stored event with a new person's key, which goes beside the log in the same transaction (P1)."""

    account_id: str
    person_key: bytes


ERASED = f"{PREFIX}PersonErased"

HELD_FOR_ACCOUNT = (
    "person_keys",
    "passwords",
    "password_links",
    "sessions",
    "second_factors",
    "recovery_codes",
    "last_seen",
    "calendar_addresses",
    "account_languages",
)
"""The tables of what is held for a person alone; all of it goes in the transaction that erases them (P2)."""


def new_keys(stored_events: Iterable[StoredEvent]) -> list[tuple[str, bytes]]:
    """The ids and the keys of the people who are new in these events (P1)."""
    return [(event.account_id, event.person_key) for event in stored_events if isinstance(event, StoredWithName)]


def erased_people(stored_events: Iterable[StoredEvent]) -> list[str]:
    """The ids of the people whom these events erase (P2)."""
    return [str(orjson.loads(event.state)["account_id"]) for event in stored_events if event.topic == ERASED]


class EventTranscoder(JSONTranscoder):
    """Writes what the library's transcoder writes, and reads it several times as fast.

    The library asks at every object of the JSON whether it stands for a value such as a moment; an event of ours has
    such values at its top alone.
    """

    def decode(self, data: bytes) -> Any:  # Any: as the library has it
        state = orjson.loads(data)
        for name, value in state.items():
            if type(value) is dict and len(value) == 2 and "_type_" in value:
                state[name] = self._decode_obj(value)
        return state


class AllowedTopicsMapper(Mapper[UUID]):
    """The library's mapper, which asks the list before it resolves a topic, and seals and opens people's names.

    `keys_of` gives people's keys as they are now. Without it, as where an export is read, nothing can be stored, and a
    person is called as `name_of` says: by their id if not said otherwise.
    """

    def __init__(
        self, keys_of: KeysOf | None = None, name_of: NameOf = lambda account_id, _: (account_id, account_id)
    ) -> None:
        transcoder = EventTranscoder()
        for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
            transcoder.register(transcoding)
        super().__init__(transcoder)
        self._keys_of, self._name_of = keys_of, name_of

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """The event as it is stored: without compression or encryption, but for people's names.

        Raises PersonKeyGone.
        """
        sealed = OF_CLASS.get(type(domain_event))
        if sealed is None:
            return super().to_stored_event(domain_event)
        state = dict(vars(domain_event))
        account_id, name, login_key = state[sealed.account_id], state.pop(sealed.name), state.pop("login_key")
        key = new_key() if sealed.is_new else self._key_of(account_id)
        state[MEMBER] = seal(key, account_id, name, login_key)
        nameless = object.__new__(type(domain_event))
        object.__setattr__(nameless, "__dict__", state)
        stored = super().to_stored_event(nameless)
        return StoredWithName(**vars(stored), account_id=account_id, person_key=key) if sealed.is_new else stored

    def as_read(
        self, stored_events: Iterable[StoredEvent], recorded: Iterable[Installation.Event]
    ) -> list[Installation.Event]:
        """What `to_domain_events` gives of events that were just stored as they were recorded: no key is asked for."""
        events = list(map(self._opened, stored_events))
        for event, before in zip(events, recorded, strict=True):
            if sealed := OF_CLASS.get(type(event)):
                state = vars(event)
                del state[MEMBER]
                state |= {name: vars(before)[name] for name in (sealed.name, "login_key")}
        return events

    def to_domain_event(self, stored_event: StoredEvent) -> Installation.Event:
        """The event as it was recorded; see `to_domain_events`."""
        return next(self.to_domain_events([stored_event]))

    def to_domain_events(self, stored_events: Iterable[StoredEvent]) -> Iterator[Installation.Event]:
        """The events as they were recorded. The names of erased people, and of whoever has no key, are gone (P2).

        Raises LogUnreadable for a topic that is not ours, before anything is imported. The library declares any
        aggregate's event; a log of ours holds those of an Installation alone.
        """
        waiting, size = iter(stored_events), FIRST_BATCH
        while batch := list(islice(waiting, size)):
            events: list[Installation.Event] = []
            try:
                events.extend(map(self._opened, batch))
            finally:  # what comes before an event that cannot be read is given first
                self._open_names(events)
                yield from events
            size = min(2 * size, LARGEST_BATCH)

    def _opened(self, stored_event: StoredEvent) -> Installation.Event:
        position = stored_event.originator_version
        if stored_event.topic not in TOPICS:
            raise LogUnreadable(position, Problem("topic_unknown", topic=repr(stored_event.topic)))
        try:
            event = super().to_domain_event(stored_event)
        except (ValueError, TypeError) as error:
            raise LogUnreadable(position, Problem("event_unreadable", error=str(error))) from error
        if vars(event).get("originator_topic", Installation.TOPIC) != Installation.TOPIC:
            raise LogUnreadable(position, Problem("opens_something_else"))
        assert isinstance(event, Installation.Event)  # noqa: S101  TOPICS names no other class
        if type(event) in OF_CLASS and not isinstance(vars(event).get(MEMBER), str):
            raise LogUnreadable(position, Problem("name_not_sealed"))
        return event

    def _open_names(self, events: Iterable[Installation.Event]) -> None:
        """Open the names in the events of a batch; the keys of all people in it are read at once."""
        named = [(event.__dict__, sealed) for event in events if (sealed := OF_CLASS.get(type(event)))]
        ids = [str(state.get(sealed.account_id)) for state, sealed in named]
        keys = self._keys_of(ids) if self._keys_of and ids else {}
        for (state, sealed), account_id in zip(named, ids, strict=True):
            text = state.pop(MEMBER)
            if self._keys_of is None:
                name, login_key = self._name_of(account_id, state["originator_version"])
            elif key := keys.get(account_id):
                name, login_key = _unsealed(key, account_id, text)
            else:
                name, login_key = erased_name(account_id), ""
            state[sealed.name], state["login_key"] = name, login_key

    def _key_of(self, account_id: str) -> bytes:
        key = self._keys_of([account_id]).get(account_id) if self._keys_of else None
        if key is None:
            raise PersonKeyGone(account_id=account_id)
        return key


def _unsealed(key: bytes, account_id: str, sealed: str) -> tuple[str, str]:
    """A name and its login key; of whoever has no key that opens it, a name that says so, and no login key."""
    try:
        return unseal(key, account_id, sealed)
    except Unsealable:
        return erased_name(account_id), ""
