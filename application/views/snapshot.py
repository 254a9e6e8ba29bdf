"""What a fold knows, as text that is read much faster than the log is folded (ADR 49).

One line for each so many values of a column: `["name", [value, ...]]` in JSON. The few events that say something of
licenses, alarms and the newest moment are no part of it: whoever reads it takes them from the log.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain, islice
from typing import Any
from uuid import UUID

import orjson
from rpds import HashTrieMap, HashTrieSet, List

from application.views.entitlement import DayEnd, Entitlement, with_license_events
from application.views.folding import Folding, Judge
from application.views.user_columns import UserColumns
from domain.installation import Installation
from domain.layered import Layered
from domain.state import Auditor, FormerName, Operator, Token, User

AT_ONCE = 5000
"""How many values stand in a line: as long as it is written or read, no other thread goes on."""

SETS = ("administrators", "erased", "nameless", "misnamed", "with_password")
"""What is only ids."""

Columns = dict[str, list[Any]]  # Any: each column has its own kind of values

EventsAt = Callable[[Iterable[int]], list[Installation.Event]]
"""Reads the events at these positions from the log, in their order."""


class SnapshotUnfit(Exception):
    """A snapshot cannot be used; the reason is for the server's log."""


def lines_of(folding: Folding) -> Iterator[bytes]:
    """A fold that has come to an event, line by line. Raises TypeError for what JSON cannot say."""
    view = _view_of(folding)
    users, number, ambiguous, wrong = iter(view.users.values()), 0, set[str](), 0
    while some := list(islice(users, AT_ONCE)):  # never all at once: the garbage collector would look at each
        for name, values in _columns_of_users(some, number):
            yield _line(name, values)
        number += len(some)
        others = [user.login_key for user in some if view.names.get(user.login_key) != user.user_id]
        ambiguous.update(others)
        wrong += len(others)
    for name, column in chain(_columns_of_names(view, ambiguous, number - wrong), _columns(folding, view)):
        waiting = iter(column)
        while values := list(islice(waiting, AT_ONCE)):
            yield _line(name, values)


def _line(name: str, values: list[Any]) -> bytes:  # Any: see Columns
    return orjson.dumps([name, values]) + b"\n"


def _columns_of_users(users: list[User], first: int) -> Iterator[tuple[str, list[Any]]]:  # Any: see Columns
    numbered = list(enumerate(users, first))
    yield "users", [user.user_id for user in users]
    yield "login_names", [user.login_name for user in users]
    yield "other_keys", [(at, user.login_key) for at, user in numbered if user.login_key != user.login_name]
    yield (
        "administrators_since",
        [(at, user.administrator_since) for at, user in numbered if user.administrator_since is not None],
    )
    yield "deleted", [at for at, user in numbered if user.is_deleted]


def _columns_of_names(
    view: Entitlement, ambiguous: set[str], number_of_users: int
) -> Iterator[tuple[str, Iterable[object]]]:  # object: JSON
    """Who bears a name that is not that of `number_of_users` users now: auditors, and users who bore it once.

    Whatever else there may be was done by hand; for it, all names are looked through.
    """
    former = {each.login_key for names in view.former_names.values() for each in names}
    others = {key for key in former | {each.login_key for each in view.auditors.values()} if _is_other(view, key)}
    if number_of_users + len(others) != len(view.names):
        others = {key for key in view.names if _is_other(view, key)}
    yield "ambiguous", ambiguous
    yield "other_names", ((key, view.names[key]) for key in others | ambiguous if key in view.names)


def _is_other(view: Entitlement, key: str) -> bool:
    """Whether a name is known, and is not the present one of the user whose it is."""
    user_id = view.names.get(key)
    user = view.users.get(user_id) if user_id is not None else None
    return user_id is not None and (user is None or user.login_key != key)


def _columns(folding: Folding, view: Entitlement) -> Iterator[tuple[str, Iterable[object]]]:  # object: JSON
    yield "former_names", ((id_, [*map(tuple, earlier)]) for id_, earlier in view.former_names.items())
    for name in SETS:
        yield name, getattr(view, name)
    yield "auditors", map(tuple, view.auditors.values())
    yield "operators", map(tuple, view.operators.values())
    yield "tokens", map(tuple, view.tokens.values())
    yield "days", map(tuple, view.days)
    yield "rights", view.rights
    yield "in_use", folding.in_use
    yield "moments", folding.moments
    yield "positions", folding.positions
    deeds = folding.deeds
    counts = ([(*kind, number) for kind, number in each.items()] for each in deeds.counts)
    yield "deeds", zip(deeds.firsts, deeds.lasts, counts, strict=True)
    yield "batch", [deeds.batch]
    yield from zip(("about", "by"), folding.people.texts(), strict=True)
    positions = {*folding.registrations, *(alarm.position for alarm in view.alarms)}
    yield "in_the_log", sorted({1} | positions | {chapter.position for chapter in view.chapters})


def _view_of(folding: Folding) -> Entitlement:
    if folding.view is None:
        raise TypeError("nothing was folded yet")
    return folding.view


def folding_of(
    lines: Iterable[bytes],
    installation_id: UUID,
    position: int,
    newest_leaf: bytes,
    events_at: EventsAt,
    contradicts: Judge,
) -> Folding:
    """The fold whose lines these are, up to the event at `position`, and the leaf of that event.

    Licenses are judged anew. Raises whatever lines do that are no such lines, or an event that does not fit it.
    """
    columns = _read(lines)
    *settling, newest = events_at([*columns["in_the_log"], position])
    opening = settling[0]
    if not isinstance(opening, Installation.InstallationOpened):
        raise SnapshotUnfit("the first event opens no installation")
    folding = Folding(installation_id, contradicts)
    for event in settling:
        folding.judge(event)
    folding.in_use.extend(columns["in_use"][1:])
    folding.moments.extend(columns["moments"])
    folding.positions.extend(columns["positions"])
    folding.opened, folding.newest_moment, folding.newest_leaf = opening.timestamp, newest.timestamp, newest_leaf
    for first, last, counts in columns["deeds"]:
        folding.deeds.firsts.append(first)
        folding.deeds.lasts.append(last)
        folding.deeds.counts.append(Counter({(name, is_administrator): n for name, is_administrator, n in counts}))
    folding.people.take(columns["about"], columns["by"], position)
    folding.deeds.newest, (folding.deeds.batch,) = newest, columns["batch"]
    view = _view(columns, opening, position, date.fromisoformat(newest.day), folding.in_use[-1])
    folding.view = with_license_events(view, settling[1:], folding.contradicted)
    return folding


def _view(
    columns: Columns, opening: Installation.InstallationOpened, position: int, day: date, in_use: int
) -> Entitlement:
    ids, names, other_keys = columns["users"], columns["login_names"], dict(columns["other_keys"])
    keys = names.copy()
    for at, key in other_keys.items():
        keys[at] = key
    bearers = dict(zip(keys, ids, strict=True))
    for key in columns["ambiguous"]:
        del bearers[key]
    bearers.update(columns["other_names"])
    users = UserColumns(ids, names, other_keys, dict(columns["administrators_since"]), set(columns["deleted"]))
    former = {id_: tuple(FormerName(*each) for each in earlier) for id_, earlier in columns["former_names"]}
    return Entitlement(
        installation_id=opening.originator_id,
        name=opening.name,
        product=opening.product,
        time_zone=opening.time_zone,
        position=position,
        day=day,
        in_use=in_use,
        users=Layered(users),
        names=Layered(bearers),
        former_names=HashTrieMap(former),
        auditors=HashTrieMap({each[0]: Auditor(*each) for each in columns["auditors"]}),
        operators=HashTrieMap({each[0]: Operator(*each) for each in columns["operators"]}),
        tokens=HashTrieMap({each[0]: _token(*each) for each in columns["tokens"]}),
        days=List([DayEnd(date.fromisoformat(day), *rest) for day, *rest in columns["days"]]),
        rights=List(columns["rights"]),
        administrators=HashTrieSet(columns["administrators"]),
        erased=HashTrieSet(columns["erased"]),
        nameless=HashTrieSet(columns["nameless"]),
        misnamed=HashTrieSet(columns["misnamed"]),
        with_password=HashTrieSet(columns["with_password"]),
    )


def _token(
    token_id: str, name: str, scopes: list[str], digest: str, end: str | None, created: str, by: str, is_revoked: bool
) -> Token:
    expires_on = date.fromisoformat(end) if end else None
    return Token(token_id, name, tuple(scopes), digest, expires_on, date.fromisoformat(created), by, is_revoked)


def _read(lines: Iterable[bytes]) -> Columns:
    columns: Columns = defaultdict(list)
    for name, values in map(orjson.loads, lines):
        columns[name] += values
    return columns
