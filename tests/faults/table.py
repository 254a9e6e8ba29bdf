"""The table of faults: a line for each, with what was sent, what was told of it, and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.judge import Verdict

COLUMNS = ("sent", "acknowl.", "refused", "unknown", "lost", "twice", "false", "wait", "well in")

NOTE = """
Sent: commands that reached a server. Lost: acknowledged and not stored. Twice: stored twice. False: refused and stored.
Wait: the longest that anybody waited for an answer, but from a server that stood still (s). Well in: the longest from
the fault's end, or the primary's death, until a write was acknowledged or a server was ready (s)."""


def header() -> str:
    return f"{'fault':<18}{'database':<11}{'times':>6}" + "".join(f"{name:>9}" for name in COLUMNS)


def row(name: str, database: str, times: int, took: Sequence[float], verdict: Verdict) -> str:
    told = [verdict.acknowledged, verdict.refused, verdict.unknown]
    wrong = [len(verdict.lost), len(verdict.doubled), len(verdict.stored_though_refused)]
    counts = "".join(f"{number:>9}" for number in (sum(told), *told, *wrong))
    return f"{name:<18}{database:<11}{times:>6}{counts}{verdict.longest_wait:>9.2f}{max(took, default=0.0):>9.2f}"


def is_sound(verdict: Verdict) -> bool:
    """Whether nothing was lost, stored twice or told falsely, and something was acknowledged at all."""
    return verdict.acknowledged > 0 and not (verdict.lost or verdict.doubled or verdict.stored_though_refused)
