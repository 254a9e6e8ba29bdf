"""B3: whatever mail and copying do to a license key, it is read as the same key."""

from __future__ import annotations

import json
import quopri
import textwrap
from collections.abc import Callable
from email.message import EmailMessage
from time import thread_time

import pytest

from application.license_keys import LicenseKeys, fingerprint, fold
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import KeyRefused
from tests.examples import KEYRING, a_key

KEY = a_key(customer="Example Customer, Street 1, Town")


def wrapped(width: int, end: str = "\n", prefix: str = "") -> str:
    return end.join(prefix + line for line in textwrap.wrap(KEY, width, break_on_hyphens=False))


def between_each(mark: str) -> str:
    return mark.join(textwrap.wrap(KEY, 40, break_on_hyphens=False))


def quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode()).decode()


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


def at_each(width: int, mark: str) -> str:
    """The key with a mark after so many characters, again and again."""
    return mark.join(KEY[start : start + width] for start in range(0, len(KEY), width))


def in_lines(before: str, after: str = "") -> str:
    return "\n".join(f"{before}{line}{after}" for line in at_each(60, "\n").split("\n"))


AROUND: dict[str, str] = {
    "behind a label, in quotes": f'License Key: "{KEY}"\n',
    "below a label": f"License Key:\n{KEY}\n",
    "joined with the cell before it": f"LicenseKey{KEY}",
    "in a whole mail": f"Dear customer,\n\nyour key:\n\n{at_each(76, chr(10))}\n\nBest regards\nJ. Doe\n+49 30 1234\n",
    "in a long mail": f"{'word ' * 1500}\n{KEY}\n{'word ' * 1500}",
    "above a signature": f"{KEY}\n-- \nJ. Doe\nhttps://vendor.example/",
    "in armor": f"-----BEGIN LICENSE KEY-----\n{at_each(64, chr(10))}\n-----END LICENSE KEY-----\n",
    "in an environment file": f"LICENSE_KEY={KEY}\nOTHER=1\n",
    "in a shell's export": f"export LICENSE_KEY='{KEY}'",
    "in JSON": json.dumps({"license_key": KEY, "other": 1}),
    "in JSON, wrapped": json.dumps({"license_key": at_each(60, "\n")}),
    "in YAML": "license_key: >\n" + in_lines("  "),
    "in XML": f"<licenseKey>{KEY}</licenseKey>",
    "in a line of CSV": f"acme,{KEY},50",
    "in backticks": f"`{KEY}`",
    "in a fenced block": f"```\n{KEY}\n```",
    "in bold Markdown": f"**{KEY}**",
    "escaped for Markdown": KEY.replace("_", "\\_").replace("-", "\\-"),
    "in angle brackets": f"<{KEY}>",
    "in square brackets": f"[{KEY}]",
    "in parentheses, wrapped": f"({at_each(60, chr(10))})",
    "before a full stop": f"Your key is {KEY}. Thank you.",
    "before a full stop without a blank": f"Your key is {KEY}.Thank you.",
    "before a comma": f"{KEY},",
    "twice": f"{KEY}\n{KEY}",
    "twice, wrapped each time in another way": f"{at_each(60, chr(10))}\n\n{at_each(72, chr(10))}",
    "twice without a blank": KEY + KEY,
    "behind a token of another kind": f"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc\n{KEY}",
    "in an address": f"https://vendor.example/keys?key={KEY}&a=b",
    "in a chat": f"[10:22] Jane: {KEY}",
    "with non-breaking hyphens": KEY.replace("-", "\u2011"),
    "with dashes": KEY.replace("-", "–"),
    "with minus signs": KEY.replace("-", "\u2212"),
    "in full-width letters": "".join(chr(ord(letter) + 0xFEE0) for letter in KEY),
    "UTF-16 read as bytes": KEY.encode("utf-16-le").decode("latin-1"),
    "quoted-printable, dots and hyphens too": KEY.replace(".", "=2E").replace("-", "=2D"),
    "broken by HTML": "<p>Key:<br/>" + at_each(60, "<br />\n") + "</p>",
    "broken by HTML without line breaks": at_each(60, "<br>"),
    "in pieces of HTML": f'<span>{KEY[:300]}</span><span style="color:red">{KEY[300:]}</span>',
    "with entities of HTML": KEY.replace("-", "&#8209;").replace(".", "&#46;"),
    "with soft hyphens of HTML": at_each(40, "&shy;"),
    "HTML in quoted-printable": quoted_printable(at_each(60, "<br>\n").replace("-", "&#45;")),
    "broken by a mail server": f"{KEY[:300]}!\r\n {KEY[300:]}",
    "percent-encoded": "".join(f"%{ord(letter):02X}" for letter in KEY),
    "with control characters": at_each(50, "\0"),
    "in standard base64": KEY.replace("-", "+").replace("_", "/"),
    "with padding": ".".join(part + "=" * (-len(part) % 4) for part in KEY.split(".")),
    "hyphenated": at_each(60, "-\n"),
    "hyphenated by a typesetter": at_each(60, "\u2010\n"),
    "in lines in quotes": in_lines('"', '"'),
    "joined in a program": at_each(60, '" +\n  "'),
    "with backslashes at line ends": at_each(60, "\\\n"),
    "in a comment": in_lines("# "),
    "in a comment of another language": in_lines("// "),
    "in a table of text": in_lines("| ", " |"),
    "with escapes of JSON": KEY.replace("-", "\\u002d"),
}
"""The key with something around it, or between its characters, that folding does not take away (C-3)."""


@pytest.mark.parametrize("text", AROUND.values(), ids=AROUND)
def test_the_one_key_is_found_in_whatever_was_pasted(text: str) -> None:
    key = LicenseKeys(KEYRING).read(text)
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
    ],
    ids=lambda text: ascii(text[:5]),
)
def test_a_paste_that_was_made_to_take_long_does_not(text: str) -> None:
    """Twenty milliseconds are promised; the limit here is wider, for a machine that is busy."""
    before = thread_time()
    with pytest.raises(KeyRefused):
        LicenseKeys(KEYRING).read(text)
    assert thread_time() - before < 0.020 * 10


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
