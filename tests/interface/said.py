"""What people read in answer to a real input, and the facts that stand in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from application.words.language import ENGLISH
from application.words.messages import Message
from application.words.refusals import sentence
from domain.refusals import Refused
from tests.interface.cli.conftest import CommandLine
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House, Visitor, text_of

Reading = Callable[["Place"], str]
"""Does something, and gives what whoever did it reads."""


class Place:
    """An installation with everybody who can ask something of it: at its pages, over its API, at its command line."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.line = CommandLine(house, dict(house.environment))

    def named(self, text: str) -> str:
        """The text with the place's own directory and UUID where it names them."""
        named = text.replace("{directory}", str(self.house.directory))
        return named.replace("{installation_id}", str(self.house.id))

    @property
    def administrator(self) -> Visitor:
        return self.house.visitor("admin")


class Case(NamedTuple):
    """A real input, and the facts that the sentence states of it."""

    reading: Reading
    facts: Mapping[str, str]


def key(text: str | Callable[[], str]) -> Reading:
    """Somebody registers this text."""
    return command("license", "register", "-", stdin=text)


def command(
    *words: object,  # object: whatever becomes a word
    stdin: str | bytes | Callable[[], str] | None = None,
    database: str | None = None,
    warned: bool = False,
    **environment: str,
) -> Reading:
    """What a command says on standard error; `{directory}` in its words is that of the place.

    `database` is the name of another file than that of the place; `warned`: it is done all the same.
    """

    def run(place: Place) -> str:
        typed = stdin() if callable(stdin) else stdin
        inside = [place.named(str(word)) for word in words]
        around = {name: place.named(value) for name, value in environment.items()}
        there = {"SEATLEDGER_DATABASE": f"sqlite:///{place.house.directory / database}"} if database else {}
        done = place.line.run(*inside, stdin=typed, **around, **there)
        assert (done.exit_code == 0) is warned, done.output
        return " ".join(done.stderr.split())

    return run


def form(path: str, **fields: str) -> Reading:
    """An administrator sends this form."""
    return lambda place: text_of(place.administrator.post(path, **fields))


def page(path: str) -> Reading:
    """An administrator goes to this page."""
    return lambda place: text_of(place.administrator.get(path))


def asked(method: str, path: str, *scopes: str, **kwargs: object) -> Reading:
    """A program with a token of these scopes, or without one, asks this; `kwargs` are those of a test client."""

    def ask(place: Place) -> str:
        token = place.house.token(*scopes) if scopes else None
        answer = Program(place.house.app, token).ask(method, path, **kwargs)  # type: ignore[arg-type]  # as above
        return str(answer.get_json(force=True)["detail"])

    return ask


def refused(act: Callable[[], object]) -> Reading:
    """What is said of a refusal that no interface passes on as it is."""

    def read(_: Place) -> str:
        with pytest.raises(Refused) as caught:
            act()
        return sentence(caught.value, ENGLISH)

    return read


def after(*deeds: Callable[[Place], object], then: Reading) -> Reading:
    """The same, after something else was done."""

    def read(place: Place) -> str:
        for deed in deeds:
            deed(place)
        return then(place)

    return read


def stated(said: Message, facts: Mapping[str, str], place: Place) -> str:
    """What a message says of the facts of a case, in single spaces."""
    told = {name: place.named(fact) for name, fact in facts.items()}
    return " ".join(ENGLISH.say(said, **told).split())
