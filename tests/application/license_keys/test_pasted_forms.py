"""B3: whatever mail and copying do to a license key, it is read as the same key."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from application.license_keys import LicenseKeys, fingerprint, fold
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import KeyRefused
from tests.application.license_keys.work import work_of
from tests.application.license_keys.wrappers import AROUND, quoted_printable
from tests.examples import KEYRING, a_key

KEY = a_key(customer="Example Customer, Street 1, Town")


def wrapped(width: int, end: str = "\n", prefix: str = "") -> str:
    return end.join(prefix + line for line in textwrap.wrap(KEY, width, break_on_hyphens=False))


def between_each(mark: str) -> str:
    return mark.join(textwrap.wrap(KEY, 40, break_on_hyphens=False))


def mailed() -> str:
    mail = EmailMessage()
    mail.set_content(KEY, cte="quoted-printable")
    return mail.get_payload()  # type: ignore[return-value]  # a text, as the mail has one part


FORMS: dict[str, str | Callable[[], str]] = {
    "as it is": KEY,
    "with a line break behind it": KEY + "\n",
    "with blank lines around it": f"\n\n  {KEY}  \n\n",
    "wrapped at 60": wrapped(60),
    "wrapped at 72": wrapped(72),
    "wrapped at 76": wrapped(76),
    "wrapped at 1": wrapped(1),
    "wrapped with CRLF": wrapped(76, "\r\n"),
    "wrapped with CR": wrapped(76, "\r"),
    "wrapped with blank lines between": wrapped(76, "\n\n"),
    "wrapped with next-line characters": wrapped(76, "\x85"),
    "wrapped with line separators": wrapped(76, "\u2028"),
    "wrapped with paragraph separators": wrapped(76, "\u2029"),
    "wrapped with form feeds": wrapped(76, "\f"),
    "wrapped with vertical tabs": wrapped(76, "\v"),
    "wrapped with blanks before line breaks": wrapped(76, " \n"),
    "wrapped and indented by blanks": wrapped(60, prefix="    "),
    "wrapped and indented by tabs": wrapped(60, prefix="\t"),
    "wrapped with line breaks turned into blanks": wrapped(76, " "),
    "quoted once": wrapped(72, prefix="> "),
    "quoted once without a blank": wrapped(72, prefix=">"),
    "quoted twice": wrapped(72, prefix=">> "),
    "quoted twice with blanks": wrapped(72, prefix="> > "),
    "quoted with a blank before the mark": wrapped(72, prefix=" > "),
    "quoted, with CRLF": wrapped(72, "\r\n", "> "),
    "quoted, in one line": "> " + KEY,
    "quoted, with empty quoted lines around it": f">\n> {KEY}\n>\n",
    "quoted, with no-break spaces": wrapped(72, prefix=">\u00a0"),
    "quoted-printable with LF": lambda: quoted_printable(KEY),
    "quoted-printable with CRLF": lambda: quoted_printable(KEY).replace("\n", "\r\n"),
    "quoted-printable by a mail program": mailed,
    "quoted-printable with blanks behind the soft break": wrapped(75, "= \n"),
    "quoted-printable, then quoted": lambda: "> " + quoted_printable(KEY).replace("\n", "\n> "),
    "quoted-printable with a soft break at its end": KEY + "=\n",
    "in straight double quotes": f'"{KEY}"',
    "in straight single quotes": f"'{KEY}'",
    "in English quotes": f"“{KEY}”",
    "in single curly quotes": f"‘{KEY}’",
    "in German quotes": f"„{KEY}“",
    "in single German quotes": f"‚{KEY}‘",
    "in guillemets": f"«{KEY}»",
    "in guillemets with no-break spaces": f"«\u00a0{KEY}\u00a0»",
    "in single guillemets": f"‹{KEY}›",
    "in guillemets turned inwards": f"»{KEY}«",
    "in corner brackets": f"「{KEY}」",
    "in white corner brackets": f"『{KEY}』",
    "in half-width corner brackets": f"｢{KEY}｣",
    "in quotes and wrapped": f'"{wrapped(76)}"',
    "in quotes, wrapped and quoted": '> "' + wrapped(72, "\n> ") + '"\n',
    "in quotes within quotes": f"“'{KEY}'”",
    "with only the opening quote": f'"{KEY}',
    "with only the closing quote": f"{KEY}”",
    "with quotes and blanks inside them": f'" {KEY} "',
    "with no-break spaces": between_each("\u00a0"),
    "with narrow no-break spaces": between_each("\u202f"),
    "with ideographic spaces": between_each("\u3000"),
    "with thin spaces": between_each("\u2009"),
    "with zero-width spaces": between_each("\u200b"),
    "with zero-width joiners": between_each("\u200d"),
    "with word joiners": between_each("\u2060"),
    "with soft hyphens": between_each("\u00ad"),
    "with left-to-right marks around it": f"\u200e{KEY}\u200e",
    "in bidirectional isolates": f"\u2068{KEY}\u2069",
    "with a byte order mark before it": "\ufeff" + KEY,
    "with tabs": between_each("\t"),
    "with a blank after each character": " ".join(KEY),
}


@pytest.mark.parametrize("wrap", AROUND.values(), ids=AROUND)
def test_the_one_key_is_found_in_whatever_was_pasted(wrap: Callable[[str], str]) -> None:
    key = LicenseKeys(KEYRING).read(wrap(KEY))
    assert (key.text, key.fingerprint) == (KEY, fingerprint(KEY))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        (" \n\u200b", "it is empty"),
        ("license.key", "it is the name of a file"),
        (r"C:\Users\jane\license.txt", "it is the name of a file"),
        ("hello", "nothing in it begins like one, with “eyJ”"),
        (KEY[:-5], "of a license key has 86 characters, and of this one there are 81"),
        (f"Key: {KEY[:-1]}\n", "of a license key has 86 characters, and of this one there are 85"),
        (KEY[:200], "this one ends in part 2"),
        (KEY[:20], "this one ends in part 1"),
        (
            KEY + "A",
            "something goes on behind its end; the last part of a license key has 86 characters, and here are 87",
        ),
        (KEY[:50] + "ä" + KEY[50:], "behind the first 50 characters of it stands “ä”"),
        (KEY[:-9] + "ä" + KEY[-8:], f"behind the first {len(KEY) - 9} characters of it stands “ä”"),
        (f"“{KEY[:-9]}” is my key", "of a license key has 86 characters, and of this one there are 77"),
        (f"Key:\n{KEY[:-9]}\nBest regards", "its end is missing, or something else follows it at once"),
        (KEY.partition(".")[2], "the beginning is missing"),
        (f"{KEY}\n{a_key(customer='Another')}", "there are two different ones in it"),
    ],
    ids=str,
)
def test_what_is_said_of_a_text_without_a_key_is_true_of_that_very_text(text: str, problem: str) -> None:
    with pytest.raises(KeyRefused) as refusal:
        LicenseKeys(KEYRING).read(text)
    assert refusal.value.code == "malformed"
    assert problem in sentence(refusal.value, ENGLISH)


@pytest.mark.parametrize("cut", [1, 4, 30, 60])
def test_a_key_without_its_beginning_is_told_so(cut: int) -> None:
    with pytest.raises(KeyRefused) as refusal:
        LicenseKeys(KEYRING).read(KEY[cut:])
    assert "The beginning of this license key is missing; one begins with “eyJ”." in sentence(refusal.value, ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        "eyJ\n" * 4000,
        "eyJ." * 4000,
        '"' + " " * 16_000,
        "'\n" * 8000,
        "- " * 8000,
        "/" * 16_000,
        "\\" * 16_000,
        "<a" * 8000,
        "&#45;" * 3200,
        "=2D" * 5400,
        "%2D" * 5400,
        ".A" * 8000,
        "eyJ" + "A.\n" * 5000,
        "\n" * 16_000,
        "\n#" * 8000,
        "\\'65" * 4000,
        "\\par" * 4000,
        "{" * 16_000,
        "\\u-1?" * 3000,
        "".join(chr(0x21 + number % 90) for number in range(16_000)),
    ],
    ids=lambda text: ascii(text[:5]),
)
def test_a_paste_that_was_made_to_take_long_does_not(text: str) -> None:
    """Twenty milliseconds are promised; what is done is counted, since a clock tells of the machine as well."""
    work = work_of(text)
    assert work.is_bounded, work
    assert work.readings > 0, "or nothing was counted"


def test_the_refusal_is_that_of_the_key_whatever_stands_around_it() -> None:
    other = KEY[:-2] + ("AA" if KEY[-2:] != "AA" else "BA")
    with pytest.raises(KeyRefused) as refusal:
        LicenseKeys(KEYRING).read(f"License Key: {other}\n")
    assert refusal.value.code in ("bad_signature", "not_canonical")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_pasted_form_is_read_as_the_same_key(form: str | Callable[[], str]) -> None:
    text = form if isinstance(form, str) else form()
    key = LicenseKeys(KEYRING).read(text)
    assert (key.text, key.fingerprint) == (KEY, fingerprint(KEY))
    assert fingerprint(text) == fingerprint(KEY)


def test_a_passage_of_another_file_is_no_rich_text() -> None:
    """Backslashes before other letters stay what they were: JSON's and Markdown's escapes."""
    assert LicenseKeys(KEYRING).read(KEY.replace("-", "\\u002d").replace("_", "\\_")).text == KEY


def test_there_are_at_least_40_pasted_forms() -> None:
    assert len({form if isinstance(form, str) else form() for form in FORMS.values()}) >= 40


def test_a_hyphen_at_a_line_end_belongs_to_the_key() -> None:
    assert fold("ab-\ncd") == "ab-cd"


def test_a_soft_break_is_one_mark_before_a_line_break_and_no_other() -> None:
    assert [fold("a=\nb"), fold("a==\nb"), fold("a=b"), fold("a\nb=")] == ["ab", "a=b", "a=b", "ab="]


def test_marks_and_quotes_inside_stay() -> None:
    assert fold("a>b\"c'd") == "a>b\"c'd"


def test_a_folded_key_folds_to_itself() -> None:
    assert fold(KEY) == KEY


def test_a_paste_of_exactly_16_kib_is_still_read() -> None:
    assert LicenseKeys(KEYRING).read(KEY + " " * (16 * 1024 - len(KEY))).text == KEY


def test_a_text_above_the_cap_has_a_fingerprint_of_its_own() -> None:
    padded = KEY + " " * 20_000
    assert len({fingerprint(KEY), fingerprint(padded), fingerprint("x" + padded)}) == 3


def test_a_fingerprint_is_the_sha_256_of_the_folded_text() -> None:
    assert fingerprint(' "a\nbc" ') == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
