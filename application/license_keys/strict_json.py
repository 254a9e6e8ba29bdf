"""JSON as license keys and keyrings need it: nothing that two parsers could read in two ways."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any, NoReturn

from domain.refusals import Problem

Json = Any
"""A value of JSON, as json.loads gives it: every reader looks for itself what it is."""

LARGEST_NUMBER = 2**53

DEEPEST = 32
"""How many lists and objects may stand in one another."""

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)


class NotStrictJson(ValueError):
    """The text is not JSON, or JSON that parsers disagree about; `problem` says which."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def parse(data: bytes) -> Json:
    """The value of UTF-8 JSON without duplicate names, floats, NaN, numbers beyond 2**53 and lone surrogates in names.

    Raises NotStrictJson and nothing else. A byte order mark is refused, as RFC 8259 allows.
    """
    try:
        text = data.decode("utf-8")
        if _is_too_deep(text):
            raise NotStrictJson(Problem("nested_too_deeply"))
        return json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_whole_number,
            parse_float=_refuse_float,
            parse_constant=_refuse_constant,
        )
    except NotStrictJson:
        raise
    except UnicodeDecodeError:
        raise NotStrictJson(Problem("not_utf8")) from None
    except ValueError:
        raise NotStrictJson(Problem("not_json")) from None


def is_encodable(text: str) -> bool:
    """Whether `text` is free of lone surrogates, which JSON can spell and nothing can store."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_too_deep(text: str) -> bool:
    """Asked before the parser, which would go on to the end of the stack: there, other objects' finalizers fail too."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    steps = ((part in "[{") - (part in "]}") for part in _STRING_OR_BRACKET.findall(text))
    return any(depth > DEEPEST for depth in accumulate(steps))


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson(Problem("name_twice"))
    if not all(map(is_encodable, members)):
        raise NotStrictJson(Problem("name_not_unicode"))
    return members


def _whole_number(digits: str) -> int:
    # The length first: Python refuses to convert thousands of digits, with an error of its own.
    if len(digits) > 17 or abs(int(digits)) > LARGEST_NUMBER:
        raise NotStrictJson(Problem("number_too_large"))
    return int(digits)


def _refuse_float(_: str) -> NoReturn:
    raise NotStrictJson(Problem("number_not_whole"))


def _refuse_constant(name: str) -> NoReturn:
    raise NotStrictJson(Problem("no_number", text=name))
