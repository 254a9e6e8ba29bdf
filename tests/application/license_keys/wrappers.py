"""What stands around a license key, or between its characters, in what people paste (C-3): each undone by reading."""

from __future__ import annotations

import json
import quopri
from collections.abc import Callable


def at_each(key: str, width: int, mark: str) -> str:
    """The key with a mark after so many characters, again and again."""
    return mark.join(key[start : start + width] for start in range(0, len(key), width))


def in_lines(key: str, before: str, after: str = "") -> str:
    return "\n".join(f"{before}{line}{after}" for line in at_each(key, 60, "\n").split("\n"))


def quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode("utf-8", "surrogatepass")).decode("ascii")


def full_width(key: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in key)


def rich(key: str) -> str:
    """A document as an office program writes it."""
    text = key.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}").replace("-", "\\'2d")
    return (
        r"{\rtf1\ansi\deff0{\fonttbl{\f0\fswiss Calibri;}}{\*\generator Riched20 10.0;}\viewkind4\uc1\pard\f0\fs22 "
        "Your key:\\par\r\n" + at_each(text, 76, "\\par\r\n") + "\\par\r\nBest regards\\par\r\n}"
    )


AROUND: dict[str, Callable[[str], str]] = {
    "behind a label, in quotes": lambda key: f'License Key: "{key}"\n',
    "below a label": lambda key: f"License Key:\n{key}\n",
    "joined with the cell before it": lambda key: f"LicenseKey{key}",
    "in a whole mail": lambda key: (
        f"Dear customer,\n\nyour key:\n\n{at_each(key, 76, chr(10))}\n\nBest regards\nJ. Doe\n+49 30 1234\n"
    ),
    "in a long mail": lambda key: f"{'word ' * 1500}\n{key}\n{'word ' * 1500}",
    "above a signature": lambda key: f"{key}\n-- \nJ. Doe\nhttps://vendor.example/",
    "in armor": lambda key: f"-----BEGIN LICENSE KEY-----\n{at_each(key, 64, chr(10))}\n-----END LICENSE KEY-----\n",
    "in an environment file": lambda key: f"LICENSE_KEY={key}\nOTHER=1\n",
    "in a shell's export": lambda key: f"export LICENSE_KEY='{key}'",
    "in JSON": lambda key: json.dumps({"license_key": key, "other": 1}),
    "in JSON, wrapped": lambda key: json.dumps({"license_key": at_each(key, 60, "\n")}),
    "in YAML": lambda key: "license_key: >\n" + in_lines(key, "  "),
    "in XML": lambda key: f"<licenseKey>{key}</licenseKey>",
    "in a line of CSV": lambda key: f"acme,{key},50",
    "in backticks": lambda key: f"`{key}`",
    "in a fenced block": lambda key: f"```\n{key}\n```",
    "in bold Markdown": lambda key: f"**{key}**",
    "escaped for Markdown": lambda key: key.replace("_", "\\_").replace("-", "\\-"),
    "in angle brackets": lambda key: f"<{key}>",
    "in square brackets": lambda key: f"[{key}]",
    "in parentheses, wrapped": lambda key: f"({at_each(key, 60, chr(10))})",
    "before a full stop": lambda key: f"Your key is {key}. Thank you.",
    "before a full stop without a blank": lambda key: f"Your key is {key}.Thank you.",
    "before a comma": lambda key: f"{key},",
    "twice": lambda key: f"{key}\n{key}",
    "twice, wrapped each time in another way": lambda key: (
        f"{at_each(key, 60, chr(10))}\n\n{at_each(key, 72, chr(10))}"
    ),
    "twice without a blank": lambda key: key + key,
    "behind a token of another kind": lambda key: f"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc\n{key}",
    "in an address": lambda key: f"https://vendor.example/keys?key={key}&a=b",
    "in a chat": lambda key: f"[10:22] Jane: {key}",
    "with non-breaking hyphens": lambda key: key.replace("-", "\u2011"),
    "with dashes": lambda key: key.replace("-", "–"),
    "with minus signs": lambda key: key.replace("-", "\u2212"),
    "in full-width letters": full_width,
    "UTF-16 read as bytes": lambda key: key.encode("utf-16-le", "surrogatepass").decode("latin-1"),
    "quoted-printable, dots and hyphens too": lambda key: key.replace(".", "=2E").replace("-", "=2D"),
    "broken by HTML": lambda key: "<p>Key:<br/>" + at_each(key, 60, "<br />\n") + "</p>",
    "broken by HTML without line breaks": lambda key: at_each(key, 60, "<br>"),
    "in pieces of HTML": lambda key: f'<span>{key[:300]}</span><span style="color:red">{key[300:]}</span>',
    "with entities of HTML": lambda key: key.replace("-", "&#8209;").replace(".", "&#46;"),
    "with soft hyphens of HTML": lambda key: at_each(key, 40, "&shy;"),
    "HTML in quoted-printable": lambda key: quoted_printable(at_each(key, 60, "<br>\n").replace("-", "&#45;")),
    "broken by a mail server": lambda key: f"{key[:300]}!\r\n {key[300:]}",
    "percent-encoded": lambda key: "".join(f"%{byte:02X}" for byte in key.encode("utf-8", "surrogatepass")),
    "with control characters": lambda key: at_each(key, 50, "\0"),
    "in standard base64": lambda key: key.replace("-", "+").replace("_", "/"),
    "with padding": lambda key: ".".join(part + "=" * (-len(part) % 4) for part in key.split(".")),
    "hyphenated": lambda key: at_each(key, 60, "-\n"),
    "hyphenated by a typesetter": lambda key: at_each(key, 60, "\u2010\n"),
    "in lines in quotes": lambda key: in_lines(key, '"', '"'),
    "joined in a program": lambda key: at_each(key, 60, '" +\n  "'),
    "with backslashes at line ends": lambda key: at_each(key, 60, "\\\n"),
    "in a comment": lambda key: in_lines(key, "# "),
    "in a comment of another language": lambda key: in_lines(key, "// "),
    "in a table of text": lambda key: in_lines(key, "| ", " |"),
    "with escapes of JSON": lambda key: key.replace("-", "\\u002d"),
    "in RTF": rich,
    "with lines of RTF": lambda key: at_each(key, 60, "\\line "),
    "with lines of RTF that the key is joined to": lambda key: at_each(key, 60, "\\line"),
    "with paragraphs of RTF that the key is joined to": lambda key: at_each(key, 60, "\\par").replace(".", "\\'2e"),
    "with lines of RTF before line breaks": lambda key: at_each(key, 60, "\\line\r\n"),
    "in paragraphs of RTF": lambda key: "\\pard " + at_each(key, 60, "\\par\n\\pard ") + "\\par",
    "with dots and hyphens as RTF escapes them": lambda key: key.replace(".", "\\'2e").replace("-", "\\'2D"),
    "with hyphens of RTF": lambda key: "{\\rtf1 " + key.replace("-", "\\_") + "\\par}",
    "with numbers of RTF": lambda key: "{\\rtf1 " + key.replace("-", "\\u8209?") + "\\par}",
    "in bold pieces of RTF": lambda key: "{\\rtf1 {\\b " + key[:300] + "}{\\b0 " + key[300:] + "}}",
}
"""A wrapper's name, and what it makes of a key."""
