"""What a vendor is warned of before a license key is sent: texts that are probably not meant as they stand (C-15)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from application.license_keys import VerificationKey
from application.license_keys.doubts import doubts
from application.words.language import ENGLISH
from domain.license import License
from tests.examples import KID, SIGNING_KEY, a_license

NOW = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)
SIGNER = VerificationKey(KID, SIGNING_KEY.public_key(), issuer="Example Vendor")


def doubtful(license_: License) -> list[str]:
    """The codes of what is doubted; each has its words."""
    found = list(doubts(license_, NOW, SIGNER, KID))
    assert all(ENGLISH.clause(problem).endswith(".") for problem in found)
    return [problem.code for problem in found]


@pytest.mark.parametrize(
    "text",
    [
        "Example Customer",
        "timetracker-nx",
        "Großhandel Müller & Söhne GmbH (Köln), 2. Abt.",
        "L'Équipe d'Or",
        "株式会社山田",
        "ООО Ромашка",
        "Αθήνα ΑΕ",
        "Acme™ Pro+ 3.0",
        "5\" or 'more'",
    ],
)
def test_an_ordinary_text_is_not_doubted(text: str) -> None:
    assert doubtful(a_license(customer=text, product=text, edition=text, optional_products=(text,))) == []


@pytest.mark.parametrize("text", [" Pro", "Pro ", "  Pro  "])
@pytest.mark.parametrize("field", ["customer", "product", "edition", "issuer"])
def test_a_blank_at_either_end_is_doubted(field: str, text: str) -> None:
    license_ = a_license(**{field: text})  # type: ignore[arg-type]  # a text each
    assert doubtful(license_) == ["product_blank_around" if field == "product" else "text_blank_around"]


@pytest.mark.parametrize("field", ["customer", "product", "edition", "issuer"])
def test_blanks_beside_each_other_are_doubted(field: str) -> None:
    assert doubtful(a_license(**{field: "Pro  Plus"})) == ["text_blanks_within"]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ['"Pro"', "'Pro'", "“Pro”", "„Pro“", "«Pro»", "‘Pro’"])
def test_quotes_around_a_text_are_doubted(text: str) -> None:
    assert "text_in_quotes" in doubtful(a_license(customer=text))


@pytest.mark.parametrize("character", ["\u3164", "\u115f", "\u2800", "\ufe0f", "\u034f"], ids=ascii)
@pytest.mark.parametrize("field", ["customer", "product", "edition"])
def test_a_character_that_nobody_sees_is_doubted(field: str, character: str) -> None:
    assert doubtful(a_license(**{field: f"Pro{character}Plus"})) == ["text_odd_character"]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["time‑nx", "time–nx", "Pro’s", "Ｐro", "Ｐｒｏ", "eﬃcient", "𝐏ro"], ids=ascii)
def test_a_character_that_looks_like_another_is_doubted_where_texts_are_compared(text: str) -> None:
    for field in ("product", "edition"):
        assert doubtful(a_license(**{field: text})) == ["text_odd_character"]  # type: ignore[arg-type]
    assert doubtful(a_license(optional_products=(text,))) == ["text_odd_character"]
    assert doubtful(a_license(customer=text)) == []


def test_accents_apart_from_their_letters_are_doubted() -> None:
    assert doubtful(a_license(product="Zeiterfassung fu\N{COMBINING DIAERESIS}r alle")) == ["text_accents_apart"]


@pytest.mark.parametrize("text", ["\u0420ro", "tim\u0435tracker-nx", "\u0391nalytics"], ids=ascii)
def test_a_word_of_two_alphabets_is_doubted(text: str) -> None:
    assert doubtful(a_license(customer=f"Example {text}")) == ["text_mixes_alphabets"]


@pytest.mark.parametrize("other", ["analytics", "ANALYTICS", "Analytics "])
def test_two_optional_products_that_differ_in_case_or_blanks_only_are_doubted(other: str) -> None:
    assert "text_like_another" in doubtful(a_license(optional_products=("Analytics", other)))


@pytest.mark.parametrize("issuer", ["example vendor", "EXAMPLE VENDOR", "Example  Vendor"])
def test_an_issuer_that_differs_from_the_keyrings_in_case_or_blanks_only_is_doubted(issuer: str) -> None:
    assert "issuer_like_keyring" in doubtful(a_license(issuer=issuer))


def test_another_issuer_is_not_doubted() -> None:
    assert doubtful(a_license(issuer="A Reseller")) == []
