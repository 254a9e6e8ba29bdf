"""The pictures: what they draw, what they say in words, and that they stay small."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from xml.etree import ElementTree

import pytest

from application.views.curves import Span, Step
from application.words.language import ENGLISH
from interface.web.calendar_axis import MOST_TICKS, Axis
from interface.web.pictures import MOST_POINTS, Chart, Point, period_timeline, points, sample_of, step_chart
from tests.examples import a_license

SVG = "{http://www.w3.org/2000/svg}"
OPENED, TODAY = date(2026, 1, 1), date(2026, 12, 31)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314  our own markup


def classed(svg: str, name: str) -> list[ElementTree.Element]:
    return [element for element in parsed(svg).iter() if name in element.get("class", "").split()]


def texts(svg: str, name: str) -> list[str]:
    return ["".join(element.itertext()) for element in classed(svg, name)]


def description(svg: str) -> str:
    found = parsed(svg).find(f"{SVG}desc")
    assert found is not None
    return found.text or ""


def rise(*numbers: int, every: int = 30) -> list[Step]:
    return [Step(OPENED + timedelta(days=every * number), value) for number, value in enumerate(numbers)]


def a_chart(valid: list[Step], in_use: list[Step], today: date = TODAY) -> Chart:
    return step_chart(valid, in_use, today, ENGLISH)


@pytest.mark.parametrize(
    "svg",
    [
        a_chart(rise(0, 5), rise(1, 2, 7)).svg,
        a_chart([], rise(1)).svg,
        period_timeline([Span(OPENED, None, a_license())], [], TODAY, ENGLISH).svg,
    ],
)
def test_a_picture_has_a_title_and_a_description_and_no_inline_style(svg: str) -> None:
    root = parsed(svg)
    assert root.get("role") == "img"
    ids = {element.get("id"): (element.text or "") for element in root}
    labels = (root.get("aria-labelledby") or "").split()
    assert len(labels) == 2
    assert all(len(ids[label]) > 20 for label in labels)
    for element in root.iter():
        assert element.tag != f"{SVG}style"
        assert element.tag != f"{SVG}script"
        assert not any(name == "style" or name.startswith("on") for name in element.attrib)


def test_the_steps_are_drawn_where_they_were() -> None:
    svg = a_chart([Step(date(2026, 1, 6), 4)], [Step(OPENED, 1), Step(date(2026, 1, 9), 3)], date(2026, 1, 10)).svg
    assert [element.get("d") for element in classed(svg, "in-use")] == ["M0.0 750.0H800.0V250.0H1000.0"]
    assert [element.get("d") for element in classed(svg, "valid")] == ["M500.0 0.0H1000.0"]
    assert [element.get("d") for element in classed(svg, "exceeded-area")] == [""]
    assert texts(svg, "tick") == ["", "1", "2", "3", "4", "2026-01-01", "2026-01-06"]


def test_days_above_valid_are_marked_and_told() -> None:
    chart = a_chart(
        [Step(OPENED, 2)],
        [Step(OPENED, 1), Step(date(2026, 1, 3), 4), Step(date(2026, 1, 5), 2), Step(date(2026, 1, 9), 3)],
        date(2026, 1, 10),
    )
    areas = [element.get("d") for element in classed(chart.svg, "exceeded-area")]
    assert areas == ["M200.0 500.0H400.0V0.0H200.0ZM800.0 500.0H1000.0V250.0H800.0Z"]
    assert chart.exceeded == [(date(2026, 1, 3), date(2026, 1, 4)), (date(2026, 1, 9), date(2026, 1, 10))]
    assert "above Valid from 2026-01-03 to 2026-01-04. In use has been above Valid since 2026-01-09." in chart.when
    assert chart.when in description(chart.svg)


@pytest.mark.parametrize(
    ("in_use", "says"),
    [
        ([1, 1, 1], "In use was never above Valid."),
        ([1, 1, 3], "In use has been above Valid since 2026-01-03."),
        ([1, 3, 3], "In use has been above Valid since 2026-01-02."),
        ([1, 3, 1], "In use was above Valid on 2026-01-02."),
        ([3, 3, 1], "In use was above Valid from 2026-01-01 to 2026-01-02."),
        ([3, 1, 3], "In use was above Valid on 2026-01-01. In use has been above Valid since 2026-01-03."),
        (
            [3, 1] * 5,
            "In use was above Valid 5 times, lately on 2026-01-05, on 2026-01-07, on 2026-01-09.",
        ),
        (
            [3, 1] * 4 + [3],
            (
                "In use was above Valid 4 times, lately on 2026-01-03, on 2026-01-05, on 2026-01-07. "
                "In use has been above Valid since 2026-01-09."
            ),
        ),
    ],
    ids=str,
)
def test_w19_what_still_goes_on_is_told_by_its_beginning_alone(in_use: list[int], says: str) -> None:
    steps = [Step(OPENED + timedelta(days=day), number) for day, number in enumerate(in_use)]
    assert a_chart([Step(OPENED, 2)], steps, OPENED + timedelta(days=len(in_use) - 1)).when == says


@pytest.mark.parametrize("valid", [[], [Step(OPENED, 0)]], ids=["none", "one that waits for its day"])
def test_before_a_license_is_in_force_nothing_is_exceeded(valid: list[Step]) -> None:
    chart = a_chart(valid, rise(1, 50))
    assert chart.exceeded == []
    assert "There was no license yet." in description(chart.svg)
    assert [element.get("d") for element in classed(chart.svg, "valid")] == [""]


def test_exactly_equal_is_not_exceeded() -> None:
    assert a_chart([Step(OPENED, 3)], [Step(OPENED, 3)]).exceeded == []


def test_a_single_day_is_drawn_over_the_whole_width() -> None:
    chart = a_chart([Step(OPENED, 3)], [Step(OPENED, 1)], OPENED)
    assert [element.get("d") for element in classed(chart.svg, "in-use")] == ["M0.0 666.7H1000.0"]
    assert texts(chart.svg, "tick")[-1] == "2026-01-01"
    assert chart.points == [Point.of(OPENED, 3, 1)]


def test_steps_after_the_day_asked_for_are_not_drawn() -> None:
    assert points(rise(5, 6), rise(1, 2, 3), OPENED + timedelta(days=30)) == [
        Point.of(OPENED, 5, 1),
        Point.of(OPENED + timedelta(days=30), 6, 2),
    ]


def test_valid_that_was_there_before_the_first_user_is_carried_along() -> None:
    later = OPENED + timedelta(days=5)
    assert points([Step(OPENED, 9)], [Step(later, 1)], TODAY) == [Point.of(later, 9, 1)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("days", [150, 201, 1000, 3650])
def test_a_sample_keeps_the_ends_and_the_extremes_of_both_numbers(seed: int, days: int) -> None:
    chance = Random(seed)  # noqa: S311  a test that can be repeated
    in_use, everything = 500, []
    for number in range(days):
        in_use = max(in_use + chance.randint(-9, 9), 1)
        valid = 0 if number < seed else 400 + number // 365 * 100 + (999 if number == days // 2 else 0)
        everything.append(Point.of(OPENED + timedelta(days=number), valid, in_use))
    kept = sample_of(everything)
    assert len(kept) <= MOST_POINTS
    assert len(kept) >= min(days, MOST_POINTS // 3), "and is no coarser than it must be"
    assert (kept[0], kept[-1]) == (everything[0], everything[-1])
    assert set(kept) <= set(everything)
    assert kept == sorted(kept, key=lambda point: point.day)
    for number in ("in_use", "excess"):
        values, drawn = ([getattr(point, number) for point in of] for of in (everything, kept))
        assert (min(drawn), max(drawn)) == (min(values), max(values))
    assert max(point.valid for point in kept) == max(point.valid for point in everything)


def test_ten_years_of_daily_changes_make_no_larger_picture_than_one() -> None:
    def chart(days: int) -> Chart:
        steps = [Step(OPENED + timedelta(days=number), 1 + number * 7 % 100) for number in range(days)]
        return a_chart([Step(OPENED, 50)], steps, OPENED + timedelta(days=days))

    year, decade = chart(365), chart(3650)
    assert (len(decade.points), decade.of_points) == (len(decade.points), 3650)
    assert len(decade.svg) < 1.5 * len(year.svg) < 60_000


# The periods


def bars(svg: str) -> list[tuple[str, str, float, float]]:
    """Kind, status, left and right edge of every bar, in percent."""
    found = []
    for rect in parsed(svg).iter(f"{SVG}rect"):
        left, width = (float((rect.get(name) or "").removesuffix("%")) for name in ("x", "width"))
        kind, status = (rect.get("class") or "").split()[1:]
        found.append((kind, status, round(left, 1), round(left + width, 1)))
    return found


def today_mark(svg: str) -> float:
    line, below = classed(svg, "today")
    assert line.attrib["x1"] == below.attrib["x1"]
    return float((line.get("x1") or "").removesuffix("%"))


def test_periods_stand_behind_one_another_with_today_between() -> None:
    spans = [
        Span(date(2025, 1, 1), date(2025, 12, 31), a_license()),
        Span(date(2026, 1, 1), date(2026, 12, 31), a_license()),
        Span(date(2027, 1, 1), date(2027, 12, 31), a_license()),
    ]
    drawn = period_timeline(spans, spans[1:2], date(2026, 7, 2), ENGLISH)
    assert bars(drawn.svg) == [
        ("license", "expired", 0.0, 33.3),
        ("license", "active", 33.3, 66.7),
        ("license", "upcoming", 66.7, 100.0),
        ("maintenance", "active", 33.3, 66.7),
    ]
    assert today_mark(drawn.svg) == pytest.approx(50.0, abs=0.1)
    assert classed(drawn.svg, "goes-on") == []
    assert "2026-01-01 to 2026-12-31 (Professional)" in description(drawn.svg)


def test_a_perpetual_period_goes_on_behind_the_edge() -> None:
    drawn = period_timeline([Span(OPENED, None, a_license())], [], TODAY, ENGLISH)
    assert bars(drawn.svg) == [("license", "active", 0.0, 100.0)]
    assert len(classed(drawn.svg, "goes-on")) == 1
    assert today_mark(drawn.svg) < 60
    assert "from 2026-01-01, without end" in description(drawn.svg)
    assert texts(drawn.svg, "row") == ["License", "Maintenance: none"]


@pytest.mark.parametrize("end", [date(2126, 1, 1), date.max])
def test_a_far_end_does_not_press_today_against_the_edge(end: date) -> None:
    drawn = period_timeline([Span(OPENED, end, a_license())], [], TODAY, ENGLISH)
    assert 20 < today_mark(drawn.svg) < 60
    assert len(classed(drawn.svg, "goes-on")) == 1
    assert f"{OPENED} to {end}" in description(drawn.svg)


def test_a_period_that_begins_too_late_is_not_drawn_but_told() -> None:
    far = Span(date(2090, 1, 1), None, a_license())
    drawn = period_timeline([Span(OPENED, TODAY, a_license()), far], [], TODAY, ENGLISH)
    assert drawn.later == 1
    assert len(bars(drawn.svg)) == 1
    assert far in drawn.licenses
    assert "from 2090-01-01, without end" in description(drawn.svg)


def test_a_day_at_the_end_of_time_can_be_drawn() -> None:
    drawn = period_timeline([Span(date.max, None, a_license())], [], date.max, ENGLISH)
    assert bars(drawn.svg)[0][3] == 100.0


def test_no_period_is_no_picture() -> None:
    assert period_timeline([], [], TODAY, ENGLISH).svg == ""


def test_a_name_is_never_markup() -> None:
    license_ = a_license(edition='<script>alert("1")</script>&')
    svg = period_timeline([Span(OPENED, TODAY, license_)], [Span(OPENED, TODAY, license_)], TODAY, ENGLISH).svg
    assert "<script" not in svg
    assert any('<script>alert("1")</script>&' in text for text in parsed(svg).itertext())


def test_a_hundred_periods_are_described_in_a_few() -> None:
    spans = [Span(OPENED + timedelta(days=n), OPENED + timedelta(days=n), a_license()) for n in range(100)]
    drawn = period_timeline(spans, [], OPENED + timedelta(days=99), ENGLISH)
    assert len(bars(drawn.svg)) == 100
    assert "95 earlier" in description(drawn.svg)


# The axis


@pytest.mark.parametrize("days", [1, 2, 3, 4, 7, 20, 31, 45, 60, 90, 180, 365, 730, 1500, 3650, 40_000, 2_900_000])
@pytest.mark.parametrize("first", [date(1, 1, 1), date(2026, 1, 1), date(2026, 2, 17), date(2023, 12, 31)])
def test_dates_are_few_in_order_and_true(first: date, days: int) -> None:
    axis = Axis(first, date.fromordinal(min(first.toordinal() + days - 1, date.max.toordinal())))
    ticks = axis.ticks(ENGLISH)
    assert 1 <= len(ticks) <= MOST_TICKS
    shares = [share for share, _ in ticks]
    assert shares == sorted(set(shares))
    assert all(0 <= share < 1 for share in shares)
    assert all(later - earlier > 0.11 for earlier, later in pairwise(shares))
    for share, label in ticks:
        whole = date.fromisoformat(label + "-01-01"[len(label) - 10 :] if len(label) < 10 else label)
        assert axis.share(whole) == share
    assert all(re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", label) for _, label in ticks)
