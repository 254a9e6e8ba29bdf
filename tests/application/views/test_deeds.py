"""What one command did to many is one line of the history, on pages that stay right; every event can be asked for."""

from __future__ import annotations

import pytest

from application.user_import import EVENTS_PER_SAVE, read_csv
from application.views.history import Filter
from application.views.history_lines import SHOWN_PARTS, HistoryLine, HistoryPage
from application.words.history import of_line
from application.words.language import ENGLISH
from tests.application.story import history_of, page_of
from tests.world import BY, World


def import_many(world: World, number: int, prefix: bytes = b"u") -> None:
    lines = read_csv(b"login_name\n" + b"".join(b"%s%d\n" % (prefix, each) for each in range(number)))
    world.licensing.import_users(world.id, lines, by=BY)


def spans(page: HistoryPage) -> list[tuple[int, int]]:
    return [span(line) for line in page.lines]


def span(line: HistoryLine) -> tuple[int, int]:
    if line.deed:
        return line.deed.first, line.deed.last
    assert line.entry
    return line.entry.position, line.entry.position


def test_an_import_is_one_line_also_beyond_a_batch(story: World) -> None:
    import_many(story, EVENTS_PER_SAVE + 5)
    newest = page_of(story).lines[0]
    assert of_line(newest, story.view, ENGLISH) == "tester (command line), by one command: 1,005 users added"
    assert newest.effect is not None
    assert newest.effect.in_use == (1, 1006)
    assert newest.deed is not None
    assert newest.deed.number == 1005
    assert [part.entry.position for part in newest.parts if part.entry] == [
        newest.deed.last - each for each in range(SHOWN_PARTS)
    ]


def test_two_imports_at_two_moments_are_two_lines(story: World) -> None:
    import_many(story, 3, b"a")
    story.clock.go_on(seconds=1)
    import_many(story, 2, b"b")
    assert [line.deed.number for line in page_of(story).lines if line.deed] == [2, 3]


def test_a_command_on_several_users_is_one_line_and_on_one_a_sentence(story: World) -> None:
    story.do("add_users", ["ann", "bob"])
    story.do("delete_users", ["ann"])
    story.do("restore_users", ["ann"])
    assert [line.partition(" ")[2] for line in history_of(story)[:3]] == [
        "tester (command line) restored the user “ann” [In use 2 → 3]",
        "tester (command line) deleted the user “ann” [In use 3 → 2]",
        "tester (command line), by one command: 2 users added [In use 1 → 3]",
    ]


def test_commands_one_after_the_other_stay_apart(story: World) -> None:
    story.add("ann")
    story.add("bob")
    assert not any(line.deed for line in page_of(story).lines)


def test_what_says_more_than_how_many_never_hides_in_a_number(story: World) -> None:
    opened, _, administrator = page_of(story).lines[::-1]
    assert opened.entry is not None
    assert administrator.entry is not None
    assert opened.entry.command_id == administrator.entry.command_id
    assert (opened.deed, administrator.deed) == (None, None)


@pytest.fixture
def many(story: World) -> World:
    """Single events and deeds by turns, one of them longer than what is read of it."""
    story.add("first")
    import_many(story, 3 * SHOWN_PARTS)
    story.do("add_users", ["ann", "bob"])
    story.do("delete_users", ["ann", "bob"])
    story.add("last")
    return story


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("wanted", [{}, {"event": "UserAdded"}, {"by": BY}], ids=["all", "by kind", "by whom"])
def test_pages_either_way_hold_every_line_once(many: World, limit: int, wanted: dict[str, str]) -> None:
    only = Filter.of(many.view, **wanted)  # type: ignore[arg-type]  # no wish here is a day
    whole = spans(page_of(many, **wanted))
    backwards: list[tuple[int, int]] = []
    before: int | None = None
    while True:
        page = many.licensing.history_backwards(many.id, before=before, limit=limit, only=only)
        assert len(page.lines) <= limit
        backwards += spans(page)
        if page.beyond is None:
            break
        before = page.beyond
    onwards: list[tuple[int, int]] = []
    after = 0
    while True:
        page = many.licensing.history_onwards(many.id, after=after, limit=limit, only=only)
        onwards += spans(page)
        if page.beyond is None:
            break
        after = page.beyond
    assert backwards == onwards[::-1] == whole


def test_every_event_can_be_asked_for(many: World) -> None:
    page = many.licensing.history_backwards(many.id, limit=1000, one_by_one=True)
    assert spans(page) == [(position, position) for position in range(many.view.position, 0, -1)]


def test_a_page_that_begins_in_the_midst_of_a_deed_tells_its_events(many: World) -> None:
    imported = next(line.deed for line in page_of(many).lines if line.deed and line.deed.number > SHOWN_PARTS)
    page = many.licensing.history_backwards(many.id, before=imported.first + 3, limit=3)
    assert spans(page) == [(imported.first + each, imported.first + each) for each in (2, 1, 0)]


def test_of_somebody_the_events_are_told(many: World) -> None:
    assert spans(page_of(many, login_name="ann")) == [(67, 67), (65, 65)]


def test_a_kind_that_a_command_recorded_once_is_a_sentence(story: World) -> None:
    story.add("ann")
    story.do("delete_users", ["ann"])
    lines = read_csv(b"login_name\nann\nbob\nzoe\n")
    story.licensing.import_users(story.id, lines, restore=True, by=BY)
    assert [line.deed for line in page_of(story, event="UserRestored").lines] == [None]
    added = page_of(story, event="UserAdded").lines[0]
    assert of_line(added, story.view, ENGLISH).endswith("2 users added")
    assert added.effect is None, "its command changed more than is told"
