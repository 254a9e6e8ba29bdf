"""B1: no altered license key is ever accepted, and altering one never raises anything but a refusal."""

from __future__ import annotations

import os
import random
from collections import Counter
from time import thread_time

import pytest

from application.license_keys import LicenseKeys, fold
from domain.refusals import KeyRefused
from tests.examples import INSTALLATION_ID, KEYRING, a_key

KEY = a_key(audience=INSTALLATION_ID)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STRANGE = ALPHABET + ".=+/ >\"'“\n\r\t\0\x1b\u200b\ufeff\u00e9\ud800😀"
READER = LicenseKeys(KEYRING)


SAME = "the same key"


def refusal_of(text: str) -> str:
    """The code that refuses `text`, SAME if it is the key with something around it; fails if it is another one."""
    try:
        read = READER.read(text)
    except KeyRefused as refused:
        return refused.code
    assert read.text == KEY, f"accepted: {text!r}"
    return SAME


def mutated(rng: random.Random) -> str:
    """The key after one to four random changes, of the kinds that copying, transmission and attackers make."""
    text = KEY
    for _ in range(rng.randint(1, 4)):
        at, to = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
        match rng.randrange(7):
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
            case _:
                text = text[:at] + rng.choice(ALPHABET) + text[at + 1 :]
    return text


def read_mutations(count: int, limit: float) -> Counter[str]:
    """Read `count` mutated keys, none with more than `limit` seconds of work (waiting does not count).

    Gives how often each code refused.
    """
    rng = random.Random(20260401)  # noqa: S311  repeatable, not secret
    codes: Counter[str] = Counter()
    while codes.total() < count:
        text = mutated(rng)
        if fold(text) != KEY:
            before = thread_time()
            codes[refusal_of(text)] += 1
            taken = thread_time() - before
            assert taken < limit, f"{taken:.3f} s for {text!r}"
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


def test_none_of_20_000_random_mutations_is_accepted() -> None:
    codes = read_mutations(20_000, limit=0.020 * 10)
    assert {"malformed", "not_canonical", "wrong_header", "bad_signature"} <= codes.keys()


@pytest.mark.long
def test_none_of_5_000_000_random_mutations_is_accepted() -> None:
    read_mutations(int(os.environ.get("SEATLEDGER_MUTATIONS", "5000000")), limit=0.020)
