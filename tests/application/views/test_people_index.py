"""Where the events of one person stand: found without reading the others."""

from __future__ import annotations

from itertools import product

import pytest

from application.log.stored import EventReader
from application.views import people_index
from application.views.history import Filter
from application.views.people_index import PeopleIndex
from tests.world import World


@pytest.fixture
def full_house(house: World) -> World:
    house.register(licenses=50)
    house.add("ann", "bea", "carl")
    house.do("add_auditor", "audrey")
    house.do("grant_administrator", "ann")
    house.do("add_users", [f"user-{number}" for number in range(20)], by="cli:other")
    house.do("rename_user", "bea", "Beate")
    house.do("revoke_administrator", "ann")
    house.do("delete_user", "ann", by="cli:other")
    house.do("restore_user", "ann")
    house.do("remove_auditor", "audrey")
    return house


FILTERS = [{"login_name": name} for name in ("ann", "Beate", "audrey", "user-7", "admin")] + [
    {"by": "cli:other"},
    {"by": "cli:tester"},
    {"login_name": "ann", "by": "cli:other"},
    {"login_name": "ann", "event": "UserDeleted"},
]


def test_a_persons_history_is_what_reading_everything_gives(full_house: World) -> None:
    """Both ways, page after page; also where the first events are not known, as behind an older snapshot."""
    licensing, folding = full_house.licensing, full_house.licensing.views.of(full_house.id)._folding
    entries, late = full_house.entries, PeopleIndex()
    for entry in entries[9:]:
        late.note(entry.event)
    for asked, people in product(FILTERS, (folding.people, late)):
        folding.people = people
        only = Filter.of(full_house.view, **asked)  # type: ignore[arg-type]
        wanted = [entry.position for entry in entries if only.fits(entry)]
        assert wanted, asked
        newest_first = licensing.newest_events(full_house.id, before=None, limit=99, only=only)
        assert [entry.position for entry in newest_first] == wanted[::-1], asked
        seen, after = [], 0
        while page := licensing.history(full_house.id, after=after, limit=2, only=only):
            seen += [entry.position for entry in page]
            after = seen[-1]
        assert seen == wanted, asked


def test_only_the_events_of_that_person_are_read(full_house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = full_house.settings.log.reader()
    kind = type(reader)
    reader.close()
    read, events = [], kind.events

    def noting(self: EventReader, *args: object, **options: object) -> object:
        for stored in events(self, *args, **options):  # type: ignore[arg-type]
            read.append(stored.originator_version)
            yield stored

    monkeypatch.setattr(kind, "events", noting)
    only = Filter.of(full_house.view, login_name="audrey")
    read.clear()
    found = full_house.licensing.newest_events(full_house.id, before=None, limit=50, only=only)
    assert read == [entry.position for entry in found]
    assert len(found) == 2


@pytest.mark.parametrize("newest_first", [False, True])
def test_marks_that_others_share_are_only_more_to_read(
    full_house: World, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    """A mark stands for a person among others: whoever reads asks each event whom it means. Also across two marks."""
    monkeypatch.setattr(people_index, "crc32", lambda text: 0x01010101 if text else 0x00010101)
    index = PeopleIndex()
    for entry in full_house.entries:
        index.note(entry.event)
    size = full_house.size()
    runs = list(index.runs(0, size, about="anybody", by=(), newest_first=newest_first))
    positions = {position for first, last in runs for position in range(first, last + 1)}
    about_somebody = {
        entry.position for entry in full_house.entries if {"user_id", "auditor_id", "operator_id"} & entry.fields.keys()
    }
    assert positions == about_somebody
    assert runs == sorted(runs, reverse=newest_first)


def test_a_long_run_is_read_in_pieces() -> None:
    assert list(people_index._joined([1, 2, 3, 7, 9, 10])) == [(1, 3), (7, 7), (9, 10)]
    assert list(people_index._joined([10, 9, 7, 3, 2, 1])) == [(9, 10), (7, 7), (1, 3)]
    runs = list(people_index._joined(range(1, 1201)))
    assert runs == [(1, 500), (501, 1000), (1001, 1200)]
