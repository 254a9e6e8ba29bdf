"""S-14: passwords that are guessed first are refused when they are set, each for a reason that is true of it."""

from __future__ import annotations

import random
import string
import unicodedata

import pytest

from application.credentials import Credentials, accepted_password
from application.credentials.weaknesses import (
    PasswordCommon,
    PasswordIsRun,
    PasswordOfContext,
    PasswordRepeats,
    common_passwords,
)
from domain.refusals import PasswordInvalid
from tests.refused import refused

CONTEXT = ("timetracker-nx", "Example Ltd, Berlin", "alice.smith")

COMMON = [
    *("motherfucker", "Motherfucker1!", "m0th3rfuck3r", "leavemealone", "leave me alone", "Leave-Me-Alone!"),
    *("iloveyou2024!!", "sunshine123!", "Summer2026!!!", "dragon201024", "letmein123456"),
    *(
        "Correct123456",
        "!!superman99",
        "P@ssw0rd1234",
        "1a2b3c4d5e6f",
        "q1w2e3r4t5y6",
        "1q2w3e4r5t6y",
        "ｓｕｎｓｈｉｎｅ１２３４",
    ),
    *("\u00a0sunshine123", "sun\u200bshine1234", "chickenwing101"),
]
REPETITIONS = [
    *(" " * 12, "\u00a0\u2003\u3000         ", "\u200b" * 12, "a" * 12, "1" * 12, "鍵" * 12, "\u3164" * 12),
    *("aaaaaabbbbbb", "aAaAaAaAaAaA", "abababababab", "abcabcabcabc", "12341234123412", "passwordpassword"),
    *("hello hello hello", "hello-hello_hello!", "horsehorse99", "xyxxyxyyxyxx", "aaaabbbbcccc", "!?!?!?!?!?!?"),
    *("!!!!!!!!!!!!!!!!", "кошкакошкакошка", "ab1ab1ab1ab1a"),
]
RUNS = [
    *("123456789012", "098765432109", "234567890123", "112233445566", "987654321987", "123456abcdef", "123abc456def"),
    *("abcdefghijkl", "zyxwvutsrqpo", "ABCDEFGHIJKLMNO", "абвгдежзийкл", "aabbccddeeff", "abc-def-ghi-jkl"),
    *("qwertyuiopas", "QwErTyUiOp12", "lkjhgfdsamnb", "qwertzuiop12", "azertyuiopqs", "йцукенгшщзхъ", "zxcvbnm,./zx"),
    *("1qaz2wsx3edc", "zaq12wsxcde3", "qazwsxedcrfvtgbyhn", "!@#$%^&*()_+", "147258369147", "asdfghjkl;'zx"),
    *("1b2c3d4e5f6g", "a1b2c3d4e5f6g7", "１２３４５６７８９０１２", "qwerty123456"),
]
OF_CONTEXT = [
    *("seatledger2026!", "Seatledger-2026", "seat-ledger-26", "S3atl3dg3r-2026", "SEATLEDGER!?%&", "  seatledger  "),
    *("timetracker-nx", "timetracker-nx-1", "TimeTrackerNX2026", "nx-timetracker", "my timetracker"),
    *("Example Ltd, Berlin", "example ltd 2026", "Berlin-Example-1", "berlin example"),
    *("alice.smith2026", "alicesmith!12", "smith-alice-99", "Alice_Smith_1!", "alice-password"),
    *(
        "Password1234",
        "my password 1",
        "Welcome2026!!",
        "license-key-1!",
        "Licensing2026!",
        "administrator",
        "Admin-2026-Admin",
    ),
    *("pass\u200bword12345", "ｐａｓｓｗｏｒｄ１２３４", "password!?!%&", "passwort-2026"),
]
GOOD = [
    *("correct horse battery staple", "correct horse battery", "staple correct horse", "a password of 24 characters"),
    *("another long password", "an entirely new password", "a password of her own", "from an earlier right"),
    *("a pässword, long", "x9$Lm2!vQ7#r", "Tr0ub4dor&3-zebra", "7Kp2-Wd9x-Qm4z", "gm8Yt-2nPq!w", "VxKqJ8pLm3Ts"),
    *("山田は昨日、東京で寿司を食べた", "der Hund bellt im Garten", "ceci n'est pas une pipe", "não sei o que fazer"),
    *("seatledger is run by penguins", "alice went to the market", "Berlin smells of linden trees"),
    *("first answer properly", "forty were expert", "Regenschirm und Banane", "horse-staple-battery"),
    *("the night is young, the night is old", "83746192058374"),
]


@pytest.mark.parametrize(
    ("kind", "password"),
    [
        (kind, password)
        for kind, passwords in (
            (PasswordCommon, COMMON),
            (PasswordRepeats, REPETITIONS),
            (PasswordIsRun, RUNS),
            (PasswordOfContext, OF_CONTEXT),
        )
        for password in passwords
    ],
    ids=ascii,
)
def test_a_password_that_is_guessed_first_is_refused(kind: type[PasswordInvalid], password: str) -> None:
    assert 12 <= len(unicodedata.normalize("NFKC", password)) <= 128
    with refused(PasswordInvalid, "four words that have nothing to do with each other") as caught:
        accepted_password(password, CONTEXT)
    assert caught.value.code == kind.code


@pytest.mark.parametrize("password", GOOD)
def test_sentences_and_random_characters_stay_passwords(password: str) -> None:
    accepted_password(password, CONTEXT)


def test_random_passwords_are_not_taken_for_weak_ones() -> None:
    choose = random.Random(20260410)  # noqa: S311  the same at every run
    for alphabet in (string.ascii_lowercase, string.ascii_letters + string.digits, string.printable[:94]):
        for _ in range(300):
            accepted_password("".join(choose.choices(alphabet, k=14)), CONTEXT)


def test_the_names_count_only_where_they_are_the_context() -> None:
    accepted_password("alice.smith2026", ("another product", "Another Ltd", "bob"))
    with pytest.raises(PasswordOfContext):
        accepted_password("Zeitgeist-Suite1", ("Zeitgeist Suite", "Ltd", "bob"))
    accepted_password("Zeitgeist-Suite1", CONTEXT)


def test_the_list_is_long_enough_and_folded() -> None:
    """ASVS 5.0, 6.2.4: at least the 3,000 most common ones that meet the rule for the length."""
    common = common_passwords()
    assert sum(len(password) >= 12 for password in common) > 40_000
    for password in list(common)[:2000]:
        folded = unicodedata.normalize("NFKC", password).casefold()
        assert unicodedata.normalize("NFKC", folded) == password


def test_every_password_of_the_list_is_refused() -> None:
    long = sorted(password for password in common_passwords() if len(password) >= 12)
    for password in long[::40]:
        for spelling in (password, password.upper(), f"{password}1!"):
            with pytest.raises(PasswordInvalid):
                accepted_password(spelling, CONTEXT)


@pytest.mark.parametrize("password", ["123456789012", " " * 12, "seatledger2026!", "motherfucker"])
def test_a_password_that_was_set_before_goes_on_working(credentials: Credentials, password: str) -> None:
    credentials.set_password("alice", 7, password)
    assert credentials.verify_password("alice", 7, password)
