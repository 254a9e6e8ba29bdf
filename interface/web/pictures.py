"""Pictures as inline SVG: In use against Valid over time, and the license and maintenance periods.

Pure: values in, markup out. Horizontal places are percentages and letters have the page's size, so a picture is as
legible on a telephone as on a wall. Colors come from classes (static/seatledger.css), since the Content-Security-Policy
allows no inline style; without them, lines and letters have the color of the text around them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import NamedTuple, Self
from unicodedata import east_asian_width

from markupsafe import Markup

from application.views.curves import Span, Step, in_use_steps, license_spans, maintenance_spans, valid_steps
from application.views.day_view import DayView
from application.words.language import Language
from application.words.messages import Message, message, plural
from application.words.nouns import of_licenses
from domain.license import Period
from interface.web.calendar_axis import Axis

MOST_POINTS = 200
"""So many points are drawn at most; of more, the highest and lowest of each stretch of time."""

PLOT_TOP, PLOT_HEIGHT = 18, 168
AXIS_Y = PLOT_TOP + PLOT_HEIGHT + 20
BAR_HEIGHT = 28
NARROWEST = 262
"""So many pixels wide is a picture on a screen of 320."""

LONGEST_FUTURE = 730
"""Days ahead that are drawn at least, if a period lasts so long; otherwise as many as lie behind."""

TODAY, THEN = message("today"), message("then")
"""What the day on which a picture is seen is to who looks."""

LICENSE, MAINTENANCE = message("License"), message("Maintenance")
"""The rows of the periods."""

FIGURE = Markup(
    '<svg role="img" aria-labelledby="{name}-title {name}-desc" width="100%" height="{height}" '
    'xmlns="http://www.w3.org/2000/svg" fill="currentColor" font-size="12">'
    '<title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>{content}</svg>'
)

PLOT = Markup(
    '<svg y="{y}" width="100%" height="{height}" viewBox="0 0 1000 1000" preserveAspectRatio="none" '
    'overflow="visible" stroke-width="2"><path class="in-use-area" fill-opacity=".15" d="{area}"/>'
    '<path class="exceeded-area" fill-opacity=".4" d="{exceeded}"/>'
    '<path class="in-use" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke" d="{in_use}"/>'
    '<path class="valid" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke" stroke-dasharray="7 4" '
    'd="{valid}"/></svg>'
)


class Point(NamedTuple):
    """From `day` on, Valid (0 without a license in force), In use, and by how much In use is above Valid.

    Without a license there is nothing to exceed.
    """

    day: date
    valid: int
    in_use: int
    excess: int

    @classmethod
    def of(cls, day: date, valid: int, in_use: int) -> Self:
        return cls(day, valid, in_use, max(in_use - valid, 0) if valid else 0)


class Stretch(NamedTuple):
    """Days from the first to the last, both inclusive."""

    first: date
    last: date


class Chart(NamedTuple):
    """The step chart, what it draws as numbers, and when In use was above Valid; `of_points` is before sampling.

    `when` says the latter in words.
    """

    svg: Markup
    points: list[Point]
    of_points: int
    exceeded: list[Stretch]
    when: str


class Timeline(NamedTuple):
    """The periods; `svg` is empty if there are none, `later` is how many begin too late to be drawn."""

    svg: Markup
    licenses: list[Span]
    maintenance: list[Span]
    later: int


class Pictures(NamedTuple):
    chart: Chart
    timeline: Timeline
    day: date


def of_day(on_day: DayView, language: Language, day_word: Message = TODAY) -> Pictures:
    """Both pictures of an installation, as it is seen on a day; `day_word` is what that day is to who looks."""
    view, day = on_day.view, on_day.day
    chart = step_chart(valid_steps(view, day), in_use_steps(view), day, language)
    licenses, maintenance = license_spans(view.schedule), maintenance_spans(view.schedule)
    timeline = period_timeline(licenses, maintenance, day, language, day_word)
    return Pictures(chart, timeline, day)


def step_chart(valid: Sequence[Step], in_use: Sequence[Step], today: date, language: Language) -> Chart:
    """In use against Valid, from the first step of In use to today; where it is above, the area is marked."""
    everything = points(valid, in_use, today)
    sample = sample_of(everything)
    exceeded = list(_exceeded(everything, today))
    when = _when(exceeded, today, language)
    axis = Axis(everything[0].day, today)
    top, marks = _scale(max(max(point.in_use, point.valid) for point in sample))
    content = Markup("").join(
        [
            *_grid(top, marks, language),
            _lines(sample, axis, top),
            *_dates(axis, AXIS_Y, PLOT_TOP + PLOT_HEIGHT, language),
        ]
    )
    svg = FIGURE.format(
        name="chart",
        height=AXIS_Y + 8,
        title=language.say("Valid and In use, {start} to {end}", start=axis.first, end=today),
        description=_in_words(everything, when, language),
        content=content,
    )
    return Chart(svg, sample, len(everything), exceeded, when)


def points(valid: Sequence[Step], in_use: Sequence[Step], today: date) -> list[Point]:
    """Both numbers on every day on which one of them changed, up to today."""
    changes = {step.day: step.number for step in valid}, {step.day: step.number for step in in_use}
    first = in_use[0].day if in_use else today
    numbers: list[Point] = []
    valid_now = in_use_now = 0
    for day in sorted({*changes[0], *changes[1], first}):
        valid_now, in_use_now = changes[0].get(day, valid_now), changes[1].get(day, in_use_now)
        if first <= day <= today:
            numbers.append(Point.of(day, valid_now, in_use_now))
    return numbers or [Point.of(today, valid_now, in_use_now)]


def sample_of(everything: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` of the points, among them the first, the last, and the highest and lowest of both numbers."""
    coarsest = (most - 2) // 6
    stretches, sample = most // 2, list(everything)
    while len(sample) > most:
        sample = _extremes(everything, stretches)
        stretches = max(min(stretches - 1, stretches * most // len(sample)), coarsest)
    return sample


def period_timeline(
    licenses: Sequence[Span],
    maintenance: Sequence[Span],
    today: date,
    language: Language,
    day_word: Message = TODAY,
) -> Timeline:
    """When which license and maintenance period was, is or will be in force; what has no end goes on to the edge."""
    spans = [*licenses, *maintenance]
    if not spans:
        return Timeline(Markup(""), [], [], 0)
    axis = _window(spans, today)
    tops = (18, 70)
    rows = [
        _row(LICENSE, licenses, axis, today, tops[0], language),
        _row(MAINTENANCE, maintenance, axis, today, tops[1], language),
    ]
    bottom = tops[1] + 22 + BAR_HEIGHT
    content = Markup("").join(
        [_today(axis, today, language.say(day_word), tops), *rows, *_dates(axis, bottom + 24, bottom + 4, language)]
    )
    later = sum(span.start > axis.last for span in spans)
    svg = FIGURE.format(
        name="periods",
        height=bottom + 32,
        title=language.say(
            "License and maintenance periods, {start} to {end}; {day_word} is {day}",
            start=axis.first,
            end=axis.last,
            day_word=language.say(day_word),
            day=today,
        ),
        description=language.sentences(
            [_described(LICENSE, licenses, language), _described(MAINTENANCE, maintenance, language)]
        ),
        content=content,
    )
    return Timeline(svg, list(licenses), list(maintenance), later)


# The step chart


def _extremes(everything: Sequence[Point], stretches: int) -> list[Point]:
    """The first and the last point and, of each stretch of time, the last and the extremes of all numbers."""
    first, last = everything[0].day.toordinal(), everything[-1].day.toordinal()
    sample = {everything[0], everything[-1]}
    begin = 0
    for number in range(1, stretches + 1):
        upto = date.fromordinal(first + (last - first) * number // stretches)
        end = bisect_right(everything, upto, lo=begin, key=_DAY)
        if stretch := everything[begin:end]:
            sample |= {stretch[-1], max(stretch, key=_EXCESS)}
            sample |= {which(stretch, key=column) for which in (min, max) for column in (_VALID, _IN_USE)}
        begin = end
    return sorted(sample)


_DAY, _VALID, _IN_USE, _EXCESS = map(itemgetter, range(4))


def _exceeded(everything: Sequence[Point], today: date) -> Iterator[Stretch]:
    begun: date | None = None
    for point in everything:
        if point.excess and begun is None:
            begun = point.day
        elif not point.excess and begun is not None:
            yield Stretch(begun, date.fromordinal(point.day.toordinal() - 1))
            begun = None
    if begun is not None:
        yield Stretch(begun, today)


def _scale(highest: int) -> tuple[int, list[int]]:
    """The number at the top, and the numbers at which lines are drawn: at most five, from 0 on."""
    step = unit = 1
    while step * 4 < highest:
        unit, step = (unit * 10, unit * 10) if step == unit * 5 else (unit, unit * (2 if step == unit else 5))
    top = max(-(-highest // step) * step, 1)
    return top, list(range(0, top + 1, step))


def _grid(top: int, marks: list[int], language: Language) -> Iterator[Markup]:
    for number in marks:
        y = PLOT_TOP + PLOT_HEIGHT * (top - number) / top
        yield Markup(
            '<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            'stroke-opacity=".2"/><text class="tick" x="0" y="{above:.1f}">{number}</text>'
        ).format(y=y, above=y - 4, number=language.number(number) if number else "")


def _lines(sample: Sequence[Point], axis: Axis, top: int) -> Markup:
    """The lines and areas, in a coordinate system of 1,000 by 1,000 that is stretched over the plot."""
    edges = [axis.share(point.day) * 1000 for point in sample] + [1000.0]
    heights = [(1000 - 1000 * point.valid / top, 1000 - 1000 * point.in_use / top) for point in sample]
    in_use = _stairs((edge, height) for edge, (_, height) in zip(edges, heights, strict=False))
    licensed = (place for place, point in zip(zip(edges, heights, strict=False), sample, strict=True) if point.valid)
    exceeded = "".join(
        f"M{begin:.1f} {valid:.1f}H{end:.1f}V{above:.1f}H{begin:.1f}Z"
        for begin, end, (valid, above), point in zip(edges, edges[1:], heights, sample, strict=False)
        if point.excess
    )
    return PLOT.format(
        y=PLOT_TOP,
        height=PLOT_HEIGHT,
        area=f"{in_use}V1000H{edges[0]:.1f}Z",
        exceeded=exceeded,
        in_use=in_use,
        valid=_stairs((edge, height) for edge, (height, _) in licensed),
    )


def _stairs(places: Iterable[tuple[float, float]]) -> str:
    """A path that goes on level from each place to the next, and from the last to the right edge."""
    path, level = "", None
    for edge, height in places:
        if not path:
            path = f"M{edge:.1f} {height:.1f}"
        elif height != level:
            path += f"H{edge:.1f}V{height:.1f}"
        level = height
    return f"{path}H1000.0" if path else ""


def _in_words(everything: Sequence[Point], when: str, language: Language) -> str:
    """What somebody sees who sees the chart."""
    first, last = everything[0], everything[-1]
    most = max(everything, key=lambda point: point.in_use)
    sentences = [
        language.say(
            "In use was {first} on {day} and is {last}; its most was {most}.",
            first=language.number(first.in_use),
            day=first.day,
            last=language.number(last.in_use),
            most=language.number(most.in_use),
        )
    ]
    if not last.valid:
        sentences.append(language.say("There was no license yet."))
    else:
        sentences += [language.say("Valid is {valid}.", valid=language.number(last.valid)), when]
    return language.sentences(sentences)


def _when(exceeded: Sequence[Stretch], today: date, language: Language) -> str:
    """When In use was above Valid, and since when it is; of what is over, the last three times."""
    if not exceeded:
        return language.say("In use was never above Valid.")
    sentences = []
    over = [stretch for stretch in exceeded if stretch.last < today]
    if over:
        lately = [_days(stretch, language) for stretch in over[-3:]]
        text = plural(
            "In use was above Valid {number} time, lately {stretches}.",
            "In use was above Valid {number} times, lately {stretches}.",
        )
        sentences.append(language.say(text if len(over) > 3 else OVER, number=len(over), stretches=lately))
    if len(over) < len(exceeded):
        sentences.append(language.say("In use has been above Valid since {first}.", first=exceeded[-1].first))
    return language.sentences(sentences)


OVER = message("In use was above Valid {stretches}.")


def _days(stretch: Stretch, language: Language) -> str:
    if stretch.first == stretch.last:
        return language.say("on {day}", day=stretch.first)
    return language.say("from {first} to {last}", first=stretch.first, last=stretch.last)


# The periods


def _window(spans: Sequence[Span], today: date) -> Axis:
    """The days that are drawn: all that lie behind, and of the future not much more than that."""
    first = min(today, *(span.start for span in spans))
    ends = [span.end.toordinal() if span.end else today.toordinal() + LONGEST_FUTURE // 2 for span in spans]
    farthest = today.toordinal() + max(LONGEST_FUTURE, (today - first).days)
    last = max(today.toordinal(), min(max(ends), farthest), first.toordinal() + 1)
    return Axis(first, date.fromordinal(min(last, date.max.toordinal())))


def _row(kind: str, spans: Sequence[Span], axis: Axis, today: date, y: int, language: Language) -> Markup:
    label = language.say(kind) if spans else language.say("{label}: none", label=language.say(kind))
    heading = Markup('<text class="row" x="0" y="{y}" font-weight="600">{label}</text>').format(y=y + 14, label=label)
    bars = [_bar(kind, span, axis, today, y + 22, language) for span in spans if span.start <= axis.last]
    return heading + Markup("").join(bars)


def _bar(kind: str, span: Span, axis: Axis, today: date, y: int, language: Language) -> Markup:
    """A span of days; one that goes on behind the edge ends in a point there."""
    begin = axis.share(span.start)
    goes_on = span.end is None or span.end > axis.last
    end = 1.0 if goes_on or span.end is None else axis.share_after(span.end)
    width = max(end - begin, 0.004)
    period = Period(span.start, span.end)
    licensed = message("{edition}, {licenses}")
    facts = {"edition": span.license.edition, "licenses": of_licenses(span.license, language), "period": period}
    inside = language.say(licensed, **facts) if kind == LICENSE else language.period(period)
    title = language.say("{label}: {edition}, {licenses}, {period}", label=language.say(kind), **facts)
    text = Markup('<text class="inside" x="8" y="18">{inside}</text>').format(inside=inside) if width > 0.17 else ""
    bar = Markup(
        '<rect class="span {kind} {status}" x="{x:.2f}%" y="{y}" width="{width:.2f}%" height="{height}" rx="4" '
        'fill-opacity=".2" stroke="currentColor"><title>{title}</title></rect>'
        '<svg x="{x:.2f}%" y="{y}" width="{width:.2f}%" height="{height}" pointer-events="none">{text}{point}</svg>'
    )
    point = Markup('<svg x="100%" overflow="visible"><path class="goes-on" d="M-13 7l9 7l-9 7z"/></svg>')
    return bar.format(
        x=begin * 100,
        y=y,
        width=width * 100,
        height=BAR_HEIGHT,
        title=title,
        kind="license" if kind == LICENSE else "maintenance",
        status=period.status(today).value,
        text=text,
        point=point if goes_on else "",
    )


def _today(axis: Axis, today: date, day_word: str, tops: Sequence[int]) -> Markup:
    """The day's mark, at the bars alone: at an edge it would cross the rows' names."""
    share = axis.share(today)
    label = Markup(
        '<text class="today-label" x="{x:.2f}%" y="12" text-anchor="{anchor}" font-weight="600">{day_word}</text>'
    ).format(x=share * 100, anchor=anchor(share), day_word=day_word)
    line = Markup(
        '<line class="today" x1="{x:.2f}%" x2="{x:.2f}%" y1="{y1}" y2="{y2}" stroke="currentColor" stroke-width="2"/>'
    )
    ends = ((top + 18, top + 22 + BAR_HEIGHT + 4) for top in tops)
    return label + Markup("").join(line.format(x=share * 100, y1=y1, y2=y2) for y1, y2 in ends)


def _described(kind: str, spans: Sequence[Span], language: Language) -> str:
    label = language.say(kind)
    if not spans:
        return language.say("{label}: none.", label=label)
    shown = language.list(
        language.say("{period} ({edition})", period=Period(span.start, span.end), edition=span.license.edition)
        for span in spans[-5:]
    )
    if len(spans) <= 5:
        return language.say("{label}: {periods}.", label=label, periods=shown)
    text = plural("{label}: {number} earlier, then {periods}.", "{label}: {number} earlier, then {periods}.")
    return language.say(text, label=label, number=len(spans) - 5, periods=shown)


# Both


def _dates(axis: Axis, y: int, bottom: int, language: Language) -> Iterator[Markup]:
    for share, label, is_spare in _spared(_readable(axis.ticks(language))):
        yield Markup(
            '<line class="grid" x1="{x:.2f}%" x2="{x:.2f}%" y1="{above}" y2="{below}" stroke="currentColor" '
            'stroke-opacity=".4"/><text class="tick{spare}" x="{x:.2f}%" y="{y}" text-anchor="{anchor}">{label}</text>'
        ).format(
            x=share * 100,
            above=bottom,
            below=bottom + 5,
            y=y,
            spare=" spare" if is_spare else "",
            anchor=anchor(share),
            label=label,
        )


def _readable(ticks: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Without those whose text, kept inside at an edge, would run into their neighbor's on a narrow screen."""
    for index, (share, label) in enumerate(ticks):
        neighbors = [ticks[other][0] for other in (index - 1, index + 1) if 0 <= other < len(ticks)]
        is_close = any(abs(share - neighbor) < 0.3 for neighbor in neighbors)
        if anchor(share) == "middle" or not is_close:
            yield share, label


def _spared(ticks: Iterable[tuple[float, str]]) -> Iterator[tuple[float, str, bool]]:
    """Whether each date is left out on the narrowest screen, where it would run into the one before."""
    upto = -1.0
    for share, label in ticks:
        width = sum(12 if east_asian_width(letter) == "W" else 8 for letter in label) / NARROWEST
        begin = share - {"start": 0.0, "middle": width / 2, "end": width}[anchor(share)]
        is_spare = begin < upto
        if not is_spare:
            upto = begin + width
        yield share, label, is_spare


def anchor(share: float) -> str:
    """Where a text at this share of the width begins, so that it stays inside."""
    return "start" if share < 0.1 else "end" if share > 0.9 else "middle"
