"""A plot of cost against users, on two logarithmic scales, as an SVG that stands in the docs; no library draws it."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from typing import NamedTuple

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 20, 50
COLORS = ("#1b4f9c", "#b3412e", "#2f7d4f", "#8a5a00", "#6b3fa0", "#007a87", "#a0306a", "#555555")


class Line(NamedTuple):
    """What was measured, and its cost in milliseconds by the number of users."""

    name: str
    points: dict[int, float]


def svg(title: str, lines: list[Line]) -> str:
    """The plot: users on the horizontal scale, milliseconds on the vertical one."""
    users = [x for line in lines for x in line.points]
    costs = [y for line in lines for y in line.points.values()]
    first, last = log10(min(users)), log10(max(users))
    lowest, highest = floor(log10(min(costs))), ceil(log10(max(costs)))

    def across(x: float) -> float:
        return LEFT + (log10(x) - first) / (last - first or 1) * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return TOP + (highest - log10(y)) / (highest - lowest or 1) * (HEIGHT - TOP - BOTTOM)

    font = 'font-family="sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {font}>',
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(lowest, highest + 1):
        y = down(10**power)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{milliseconds(10.0**power)}</text>'
        )
    for x in sorted(set(users)):
        parts.append(f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x:,}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">users</text>')
    labels = spread([down(line.points[max(line.points)]) for line in lines])
    for line, color, label in zip(lines, COLORS * len(lines), labels, strict=False):
        points = [(across(x), down(y)) for x, y in sorted(line.points.items())]
        parts.append(
            f'<polyline fill="none" stroke="{color}" stroke-width="2" points="'
            + " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            + '"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in points]
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{label + 4:.1f}" fill="{color}">{escape(line.name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def milliseconds(cost: float) -> str:
    return f"{cost / 1000:g} s" if cost >= 1000 else f"{cost:g} ms"


def spread(heights: list[float], least: float = 16) -> list[float]:
    """Heights of labels that do not stand on one another, each as near to its own as can be from above."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed, floor_ = dict[int, float](), float(TOP)
    for index in order:
        placed[index] = max(heights[index], floor_)
        floor_ = placed[index] + least
    return [placed[index] for index in range(len(heights))]
