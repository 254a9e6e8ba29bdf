"""The text of an API token."""

from __future__ import annotations

import hashlib
import re
import string
import zlib

from application import api_tokens

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def number_in_base_62(text: str) -> int:
    number = 0
    for digit in text:
        number = number * 62 + DIGITS.index(digit)
    return number


def test_a_new_token_is_read_back_with_its_id_and_digest() -> None:
    for _ in range(1000):
        token_id, text, digest = api_tokens.new_token()
        assert re.fullmatch(r"slt_[a-z2-7]{8}_[0-9A-Za-z]{49}", text)
        assert api_tokens.parse(text) == (token_id, digest)
        assert digest == hashlib.sha256(text.encode()).hexdigest()
        assert text.split("_")[1] == token_id


def test_no_two_tokens_are_alike() -> None:
    made = [api_tokens.new_token() for _ in range(1000)]
    assert all(len(set(column)) == 1000 for column in zip(*made, strict=True))


def test_the_secret_holds_256_bits() -> None:
    assert 62**43 >= 2**256


def test_the_checksum_is_the_crc_32_of_all_before_it_in_base_62() -> None:
    _, text, _ = api_tokens.new_token()
    assert number_in_base_62(text[-6:]) == zlib.crc32(text[:-6].encode())


def test_a_token_made_once_is_read_for_ever() -> None:
    text = "slt_abcdefgh_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg2NVrtJ"
    digest = "abc73485b9b3a43d80c51edabda342926afcca105b6cd1a1acce823826cc31a8"
    assert api_tokens.parse(text) == ("abcdefgh", digest)


def test_a_token_with_any_character_altered_is_none() -> None:
    _, text, _ = api_tokens.new_token()
    for place, character in enumerate(text):
        for other in "0aZ_- é":
            if other != character:
                assert api_tokens.parse(text[:place] + other + text[place + 1 :]) is None


def test_what_is_no_token_is_none() -> None:
    _, text, _ = api_tokens.new_token()
    spoilt = ["", text[:-1], text + "0", text + "\n", " " + text, text.upper(), "Bearer " + text, text * 10_000]
    spoilt += [text[:13] + "\u0661" + text[14:], text[:13] + "\ud800" + text[14:]]
    assert [api_tokens.parse(each) for each in spoilt] == [None] * len(spoilt)


def test_a_digest_fits_itself_alone() -> None:
    (_, _, one), (_, _, other) = api_tokens.new_token(), api_tokens.new_token()
    assert api_tokens.fits(one, one)
    assert not api_tokens.fits(one, other)
