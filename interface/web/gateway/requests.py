"""What a request says, read strictly as its route declares it: what is not declared is refused, never ignored."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast, get_origin
from urllib.parse import unquote

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from application.license_keys import day_from, strict_json
from domain.login_name import shown
from domain.refusals import Problem
from interface.front.asking import MALFORMED_ESCAPE
from interface.moments import EXAMPLE, moment_from
from interface.web.gateway.problems import MalformedRequest, MediaTypeUnsupported

Value = str | int | bool | date | datetime | list[str] | None
"""What a view is given for a parameter or a member; None for an optional one that was left out."""

MAX_LIMIT = 1000


@dataclass(frozen=True)
class Text:
    """Any text; what it means is for the view to say."""

    may_be_empty: bool = True

    def read(self, name: str, text: str) -> str:
        if not text and not self.may_be_empty:
            raise MalformedRequest(problem=Problem("parameter_empty", name=name))
        return text


@dataclass(frozen=True)
class Truth:
    """“true” or “false”, as JSON spells them, and nothing else."""

    def read(self, name: str, text: str) -> bool:
        if text not in ("true", "false"):
            raise MalformedRequest(problem=Problem("parameter_no_truth", name=name))
        return text == "true"


@dataclass(frozen=True)
class Word:
    """One word, and nothing else."""

    word: str

    def read(self, name: str, text: str) -> str:
        if text != self.word:
            raise MalformedRequest(problem=Problem("parameter_no_word", name=name, word=self.word))
        return text


@dataclass(frozen=True)
class Day:
    """A day YYYY-MM-DD."""

    def read(self, name: str, text: str) -> date:
        try:
            return day_from(text)
        except ValueError:
            raise MalformedRequest(problem=Problem("parameter_no_date", name=name)) from None


@dataclass(frozen=True)
class Moment:
    """A moment of RFC 3339."""

    def read(self, name: str, text: str) -> datetime:
        try:
            return moment_from(text)
        except ValueError:
            code = "parameter_no_moment_plus" if " " in text else "parameter_no_moment"
            raise MalformedRequest(problem=Problem(code, name=name, example=EXAMPLE)) from None


@dataclass(frozen=True)
class MomentOrDay:
    """A moment of RFC 3339, or a day YYYY-MM-DD, which stands for its end."""

    def read(self, name: str, text: str) -> datetime | date:
        return Day().read(name, text) if _DAY.fullmatch(text) else Moment().read(name, text)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class LanguageTag:
    """A language, as BCP 47 names it; whether it is spoken here is another question."""

    def read(self, name: str, text: str) -> str:
        if LANGUAGE_TAG.fullmatch(text) is None:
            raise MalformedRequest(problem=Problem("parameter_no_language", name=name))
        return text


LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)


@dataclass(frozen=True)
class Number:
    """A whole number in ASCII digits, within bounds that belong to it."""

    least: int
    most: int

    def read(self, name: str, text: str) -> int:
        # The length first: Python refuses to convert thousands of digits, with an error of its own.
        if text.isascii() and text.isdigit() and len(text) <= 19 and self.least <= int(text) <= self.most:
            return int(text)
        raise MalformedRequest(problem=Problem("parameter_no_number", name=name, least=self.least, most=self.most))


@dataclass(frozen=True)
class Parameter:
    """A parameter of a query: its name, its kind, and what a view is given if it is left out."""

    name: str
    kind: Text | Truth | Word | Day | Moment | MomentOrDay | LanguageTag | Number
    required: bool = False
    default: str | int | None = None
    excludes: str | None = None
    """The name of a parameter that cannot stand beside it."""
    needs: str | None = None
    """The name of a parameter without which it says nothing."""
    renamed: str | None = None
    """What the view calls it, where its name is a word of Python's or says too little."""

    @property
    def argument(self) -> str:
        return self.renamed or self.name


class Query:
    """The parameters that a route takes, in the order in which they are looked at."""

    def __init__(self, *parameters: Parameter) -> None:
        self.parameters = parameters
        self.names = tuple(parameter.name for parameter in parameters)

    def read(self, text: str) -> dict[str, Value]:
        """A value for every parameter, by the view's name for it, from a query as it was sent.

        Raises MalformedRequest, also for a parameter that is not declared: a misspelled one would otherwise get the
        answer to another question.
        """
        texts = self.texts(text)
        values: dict[str, Value] = {}
        for parameter in self.parameters:
            value = texts.get(parameter.name)
            if value is None:
                if parameter.required:
                    raise MalformedRequest(problem=Problem("parameter_missing", name=parameter.name))
                values[parameter.argument] = parameter.default
            elif parameter.excludes in texts:
                both = Problem("both_parameters", one=parameter.name, other=parameter.excludes)
                raise MalformedRequest(problem=both)
            elif parameter.needs and parameter.needs not in texts:
                alone = Problem("parameter_alone", name=parameter.name, other=parameter.needs)
                raise MalformedRequest(problem=alone)
            else:
                values[parameter.argument] = parameter.kind.read(parameter.name, value)
        return values

    def texts(self, text: str) -> dict[str, str]:
        """The parameters as texts, each at most once, in percent-encoded UTF-8 (a “+” is a blank).

        Not by `urllib.parse.parse_qsl`: it also takes names that are percent-encoded, so that one name has many
        spellings, does not tell which parameter is wrong, and takes half as long again at every login.
        """
        if not text.isascii():
            raise MalformedRequest(problem=Problem("query_not_encoded"))
        texts: dict[str, str] = {}
        for pair in text.split("&") if text else ():
            name, equals, value = pair.partition("=")
            if name not in self.names:
                code = "parameter_unknown" if self.names else "no_parameters"
                raise MalformedRequest(problem=Problem(code, name=shown(name), known=self.names))
            if not equals or name in texts:
                raise MalformedRequest(problem=Problem("parameter_once", name=name))
            value = value.replace("+", " ")
            if "%" not in value:
                texts[name] = value
                continue
            if MALFORMED_ESCAPE.search(value.encode("ascii")):
                raise MalformedRequest(problem=Problem("parameter_escape", name=name))
            try:
                texts[name] = unquote(value, errors="strict")
            except UnicodeDecodeError:
                raise MalformedRequest(problem=Problem("parameter_not_utf8", name=name)) from None
        return texts


@dataclass(frozen=True)
class Header:
    """A header that a view is given as a text, as it was sent; an empty one if it was not."""

    name: str
    argument: str
    description: str
    """What it is, in Markdown."""

    @property
    def key(self) -> str:
        """Where WSGI has it."""
        return f"HTTP_{self.name.upper().replace('-', '_')}"


@dataclass(frozen=True)
class Member:
    """A member of the JSON object in a body: its name, its type, and what a view is given if it is left out."""

    name: str
    kind: type[str] | type[bool] | type[int] | type[list[str]] | Day
    """A list is one of texts; a day is a text YYYY-MM-DD."""
    required: bool = True
    default: str | bool | int | None = None
    renamed: str | None = None
    """What the view calls it, where the path has the same name."""

    @property
    def argument(self) -> str:
        return self.renamed or self.name


class Body:
    """The members that a route takes in a JSON object."""

    def __init__(self, *members: Member) -> None:
        self.members = members
        self.by_name = {member.name: member for member in members}

    def read(self) -> dict[str, Value]:
        """A value for every member, by the view's name for it, from the request's body.

        Raises MediaTypeUnsupported, MalformedRequest.
        """
        try:
            document = strict_json.parse(body_of_json())
        except strict_json.NotStrictJson as error:
            raise MalformedRequest(problem=Problem("body_unreadable", problem=error.problem)) from None
        if not isinstance(document, dict):
            raise MalformedRequest(problem=Problem("body_no_object"))
        for name in document:
            if name not in self.by_name:
                raise MalformedRequest(problem=Problem("member_unknown", name=shown(name), known=list(self.by_name)))
        for member in self.members:
            if member.required and member.name not in document:
                raise MalformedRequest(problem=Problem("member_missing", name=member.name))
        for name, value in document.items():
            document[name] = _value(name, value, self.by_name[name].kind)
        return {member.argument: document.get(member.name, member.default) for member in self.members}


def body_of_json() -> bytes:
    """The body as it was sent, which says that it is JSON.

    Raises MediaTypeUnsupported, RequestEntityTooLarge, also where Werkzeug would only cut it: in chunks.
    """
    if request.mimetype != "application/json":
        raise MediaTypeUnsupported
    data = request.get_data(cache=False)
    if request.content_length is None and len(data) >= (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge
    return data


def _value(name: str, value: Any, kind: Any) -> Value:  # Any: whatever JSON has; what Member declares
    """Raises MalformedRequest."""
    expected = str if isinstance(kind, Day) else get_origin(kind) or kind
    # By type and not by isinstance: true is no number.
    if type(value) is not expected or (expected is list and any(type(each) is not str for each in value)):
        raise MalformedRequest(problem=Problem(_TYPES[expected], name=name))
    if not isinstance(kind, Day):
        return cast(Value, value)
    try:
        return day_from(value)
    except ValueError:
        raise MalformedRequest(problem=Problem("member_no_date", name=name)) from None


_TYPES = {list: "member_no_texts", str: "member_no_text", bool: "member_no_truth", int: "member_no_number"}
"""The problem of a member that is not of its type."""
