"""B1: no altered license key is ever accepted, and altering one never raises anything but a refusal."""

from __future__ import annotations

import os
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from contextlib import suppress

import pytest

from application.license_keys import LicenseKeys
from domain.refusals import KeyRefused
from tests.application.license_keys.work import work_of
from tests.application.license_keys.wrappers import AROUND
from tests.examples import INSTALLATION_ID, KEYRING, a_key

KEY = a_key(audience=INSTALLATION_ID)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STRANGE = ALPHABET + ".=+/ >\"'“\n\r\t\0\x1b\u200b\ufeff\u00e9\ud800😀"
READER = LicenseKeys(KEYRING)
NAMES = tuple(AROUND)


SAME = "the same key"


def refusal_of(text: str) -> str:
    """The code that refuses `text`, SAME if it is the key with something around it; fails if it is another one."""
    try:
        read = READER.read(text)
    except KeyRefused as refused:
        return refused.code
    assert read.text == KEY, f"accepted: {text!r}"
    return SAME


def flipped(rng: random.Random, text: str) -> str:
    """The text with one bit of one of its parts turned round, in the encoding that is the only right one."""
    parts = text.split(".")
    at = rng.randrange(len(parts))
    with suppress(ValueError):
        data = bytearray(urlsafe_b64decode(parts[at] + "=" * (-len(parts[at]) % 4)))
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            parts[at] = urlsafe_b64encode(data).rstrip(b"=").decode()
    return ".".join(parts)


def mutated(rng: random.Random, text: str = KEY) -> str:
    """A text after one to four random changes, of the kinds that copying, transmission and attackers make."""
    for _ in range(rng.randint(1, 4)):
        at, to = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
        match rng.randrange(8):
            case 0:
                text = text[:at] + rng.choice(STRANGE) + text[at + 1 :]
            case 1:
                text = text[:at] + rng.choice(STRANGE) + text[at:]
            case 2:
                text = text[:at] + text[at + rng.randint(1, 80) :]
            case 3:
                text = text[: min(at, to)] + text[min(at, to) : max(at, to)].swapcase() + text[max(at, to) :]
            case 4:
                text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
            case 5:
                text = text[:at] + text[to : to + rng.randint(1, 80)] + text[at:]
            case 6:
                text = flipped(rng, text)
            case _:
                text = text[:at] + rng.choice(ALPHABET) + text[at + 1 :]
    return text


def wrapped(rng: random.Random) -> str:
    """The key, mutated or as it is, in one wrapper or in two, and the whole of that now and then mutated as well."""
    text = KEY if rng.random() < 0.2 else mutated(rng)
    for name in rng.choices(NAMES, k=rng.randint(1, 2)):
        text = AROUND[name](text)
    return text if rng.random() < 0.7 else mutated(rng, text)


def read_mutations(count: int) -> Counter[str]:
    """Read `count` texts, one of twenty-five of them in wrappers; gives how often each code refused, and SAME.

    None is accepted but as the very key; one of a hundred is read again to count what that takes.
    """
    rng = random.Random(20260401)  # noqa: S311  repeatable, not secret
    codes: Counter[str] = Counter()
    for number in range(count):
        text = wrapped(rng) if number % 25 == 0 else mutated(rng)
        codes[refusal_of(text)] += 1
        if number % 100 == 0:
            work = work_of(text)
            assert work.is_bounded, f"{work} for {text!r}"
    return codes


def test_no_single_character_of_a_key_can_be_substituted() -> None:
    codes: Counter[str] = Counter()
    for at, character in enumerate(KEY):
        for other in ALPHABET + ".":
            if other != character:
                codes[refusal_of(KEY[:at] + other + KEY[at + 1 :])] += 1
    assert codes.total() == len(KEY) * 64
    assert codes["bad_signature"] > 20_000
    assert SAME not in codes


def test_none_of_20_000_mutations_and_wrappers_is_accepted_as_another_key() -> None:
    codes = read_mutations(20_000)
    assert {"malformed", "not_canonical", "wrong_header", "bad_signature", "too_long", SAME} <= codes.keys()
    assert codes["bad_signature"] > 2_000, "whose spelling is right"


@pytest.mark.parametrize("first", AROUND)
def test_a_mutated_key_in_each_two_wrappers_is_never_another_key(first: str) -> None:
    """Each wrapper in each other one; the key in them has one bit turned round, in the payload or the signature."""
    rng = random.Random(first)  # noqa: S311  repeatable, not secret
    head, rest = KEY.split(".", 1)
    for second in NAMES:
        text = AROUND[second](AROUND[first](f"{head}.{flipped(rng, rest)}"))
        assert refusal_of(text) != SAME, (first, second)


@pytest.mark.long
def test_none_of_5_000_000_mutations_and_wrappers_is_accepted_as_another_key() -> None:
    read_mutations(int(os.environ.get("SEATLEDGER_MUTATIONS", "5000000")))
