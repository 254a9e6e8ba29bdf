"""JSON that is nested too deeply is refused before a parser goes down into it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from application.license_keys.strict_json import DEEPEST, NotStrictJson, parse
from tests.application.proof.test_nonsense import verified


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.freeze()  # what is there already need not be looked at
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def nested(depth: int, inside: bytes = b"1") -> bytes:
    return b"[" * depth + inside + b"]" * depth


def test_lists_may_stand_in_one_another_to_a_depth_and_no_deeper() -> None:
    parse(nested(DEEPEST))
    with pytest.raises(NotStrictJson) as refused:
        parse(nested(DEEPEST + 1))
    assert refused.value.problem.code == "nested_too_deeply"


@pytest.mark.parametrize("text", ['"' + "[" * 100 + '"', '"\\"' + "{[" * 100 + '"', "[" + "[]," * 100 + "[]]"])
def test_brackets_in_texts_and_beside_one_another_are_not_depth(text: str) -> None:
    parse(text.encode())


def of_an_export(text: bytes) -> None:
    assert verified(b"[%s]\n" % text).finding is not None


def of_a_key(text: bytes) -> None:
    with pytest.raises(NotStrictJson):
        parse(text)


@pytest.mark.parametrize("read", [of_a_key, of_an_export])
def test_objects_that_are_collected_meanwhile_are_ended_as_anywhere(read: Callable[[bytes], None]) -> None:
    """At the end of the stack their finalizers would fail, and whatever they close would stay open."""

    class Cycle:
        def __init__(self) -> None:
            self.me = self

    ended: list[int] = []
    for threshold in range(800, 1_000):
        gc.collect()
        gc.set_threshold(threshold)
        weakref.finalize(Cycle(), lambda number: ended.append(number), threshold)
        read(nested(2_000))
    gc.collect()
    assert ended == list(range(800, 1_000))
