"""The hostile keys of TRUST.md B2: each with a name, the code that refuses it, and how it is made.

One list to be read from top to bottom, hence one long file.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import NamedTuple

from tests.application.license_keys.crafting import (
    CLAIMS,
    HEADER,
    as_json,
    base64url,
    crafted,
    with_claims,
    with_header,
    with_raw,
    without_claim,
    without_header,
)
from tests.examples import REVOKED_KID, REVOKED_SIGNING_KEY, SIGNING_KEY, a_key

KEY = crafted()
HEAD, BODY, SIGNATURE = KEY.split(".")
ORDER_OF_ED25519 = 2**252 + 27742317777372353535851937790883648493
A_PERIOD = CLAIMS["license_period"]


class Hostile(NamedTuple):
    code: str
    name: str
    make: Callable[[], str]


def hmac_signed(name: str, digest: str) -> str:
    """A key "signed" by HMAC with the public key as the secret (the classic confusion of algorithms)."""
    signed = f"{base64url(as_json({**HEADER, 'alg': name}))}.{BODY}"
    secret = SIGNING_KEY.public_key().public_bytes_raw()
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), digest))}"


def altered_last_bits(part: str) -> str:
    """The same bytes in another spelling: the bits that base64 leaves unused are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1]


def malleable_signature() -> bytes:
    """The signature with its scalar raised by the group's order: it solves the same equation."""
    raw = SIGNING_KEY.sign(f"{HEAD}.{BODY}".encode())
    scalar = int.from_bytes(raw[32:], "little") + ORDER_OF_ED25519
    return raw[:32] + scalar.to_bytes(32, "little")


def payload(text: str) -> str:
    return crafted(text.encode("utf-8"))


def body_padded_to(remainder: int) -> str:
    """A payload whose base64url leaves unused bits: JSON allows blanks behind it."""
    body = as_json(CLAIMS)
    return base64url(body + b" " * ((remainder - len(body)) % 3))


JSON_TEXT = json.dumps(CLAIMS)

TOO_LONG = {
    "20 MB of letters": lambda: "A" * 20_000_000,
    "20 MB of dots": lambda: "." * 20_000_000,
    "20 MB of blanks around a key": lambda: " " * 10_000_000 + KEY + " " * 10_000_000,
    "20 MB of no-break spaces": lambda: "\u00a0" * 20_000_000,
    "one byte above the cap of a paste": lambda: KEY + " " * (16 * 1024 + 1 - len(KEY)),
    "more bytes than characters above the cap": lambda: KEY + "\u3000" * 5400,
    "one character above the cap of a key": lambda: "A" * (4097 - 88) + "." + "A" * 1 + "." + "A" * 85 + "A",
    "a key with a payload of 5,000 characters": lambda: with_claims(x_note="a" * 5000),
}

MALFORMED = {
    "nothing": lambda: "",
    "only blanks": lambda: " \n\t\u200b ",
    "only quotes": lambda: '""',
    "only mail quoting": lambda: "> > >\n> >",
    "a word": lambda: "hello",
    "one part": lambda: HEAD,
    "two parts": lambda: f"{HEAD}.{BODY}",
    "four parts": lambda: f"{KEY}.{SIGNATURE}",
    "five parts, an encrypted token": lambda: f"{HEAD}..{BODY}.{BODY}.{SIGNATURE}",
    "an empty header": lambda: f".{BODY}.{SIGNATURE}",
    "an empty payload": lambda: f"{HEAD}..{SIGNATURE}",
    "an empty signature": lambda: f"{HEAD}.{BODY}.",
    "alg none without a signature": lambda: f"{base64url(as_json({'alg': 'none', 'typ': 'license+jwt'}))}.{BODY}.",
    "HS256 with the public key as secret": lambda: hmac_signed("HS256", "sha256"),
    "RS256 with a long signature": lambda: f"{base64url(as_json({**HEADER, 'alg': 'RS256'}))}.{BODY}.{'A' * 342}",
    "a signature of 85 characters": lambda: KEY[:-1],
    "a signature of 87 characters": lambda: KEY + "A",
    "a Cyrillic letter": lambda: KEY[:-1] + "А",
    "Arabic digits": lambda: KEY[:-1] + "٣",
    "an escape sequence inside": lambda: KEY[:9] + "\x1b[31m" + KEY[9:],
    "a lone surrogate inside": lambda: KEY[:9] + "\ud800" + KEY[9:],
    "a combining accent inside": lambda: KEY[:9] + "\u0301" + KEY[9:],
    "a quote inside": lambda: KEY[:9] + '"' + KEY[9:],
    "a mail quoting mark inside a line": lambda: KEY[:9] + ">" + KEY[9:],
    "a soft break's mark without the line break": lambda: KEY[:9] + "=" + KEY[9:],
    "a JWS in JSON serialization": lambda: json.dumps({"protected": HEAD, "payload": BODY, "signature": SIGNATURE}),
    "a PEM": lambda: "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
}

NOT_CANONICAL = {
    "unused bits of the signature set": lambda: f"{HEAD}.{BODY}.{altered_last_bits(SIGNATURE)}",
    "unused bits of the payload set, one byte left": lambda: (
        f"{HEAD}.{altered_last_bits(body_padded_to(1))}.{SIGNATURE}"
    ),
    "unused bits of the payload set, two bytes left": lambda: (
        f"{HEAD}.{altered_last_bits(body_padded_to(2))}.{SIGNATURE}"
    ),
    "unused bits of the header set": lambda: f"{altered_last_bits(base64url(b'{}'))}.{BODY}.{SIGNATURE}",
    "a header of a length that base64 never has": lambda: f"{'A' * 5}.{BODY}.{SIGNATURE}",
    "a payload of a length that base64 never has": lambda: f"{HEAD}.{'A' * 9}.{SIGNATURE}",
    "a payload of one character": lambda: f"{HEAD}.A.{SIGNATURE}",
}

WRONG_HEADER = {
    "alg none": lambda: with_header(alg="none"),
    "alg None": lambda: with_header(alg="None"),
    "alg HS512 with the public key as secret": lambda: hmac_signed("HS512", "sha512"),
    "alg HS256, truly signed": lambda: with_header(alg="HS256"),
    "alg RS256": lambda: with_header(alg="RS256"),
    "alg ES256": lambda: with_header(alg="ES256"),
    "alg in lower case": lambda: with_header(alg="eddsa"),
    "alg Ed25519": lambda: with_header(alg="Ed25519"),
    "alg null": lambda: with_header(alg=None),
    "alg a list": lambda: with_header(alg=["EdDSA"]),
    "alg an object": lambda: with_header(alg={"EdDSA": 1}),
    "no alg": lambda: without_header("alg"),
    "no typ": lambda: without_header("typ"),
    "no kid": lambda: without_header("kid"),
    "typ JWT": lambda: with_header(typ="JWT"),
    "typ in another case": lambda: with_header(typ="license+JWT"),
    "typ with its media type": lambda: with_header(typ="application/license+jwt"),
    "typ of a checkpoint": lambda: with_header(typ="at+jwt"),
    "kid null": lambda: with_header(kid=None),
    "kid a number": lambda: with_header(kid=1),
    "kid true": lambda: with_header(kid=True),
    "kid a list": lambda: with_header(kid=[HEADER["kid"]]),
    "kid empty": lambda: with_header(kid=""),
    "kid of blanks": lambda: with_header(kid="   "),
    "kid of 201 characters": lambda: with_header(kid="k" * 201),
    "kid with a line break": lambda: with_header(kid="a\nb"),
    "kid with a right-to-left mark": lambda: with_header(kid="a\u202eb"),
    "kid with a lone surrogate": lambda: crafted(header=b'{"alg":"EdDSA","kid":"\\ud800","typ":"license+jwt"}'),
    "an embedded jwk": lambda: with_header(jwk={"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}),
    "a jku": lambda: with_header(jku="https://attacker.example/keys"),
    "an x5u": lambda: with_header(x5u="https://attacker.example/cert"),
    "an x5c": lambda: with_header(x5c=["MIIB"]),
    "a crit": lambda: with_header(crit=["exp"]),
    "an empty crit": lambda: with_header(crit=[]),
    "b64 false": lambda: with_header(b64=False, crit=["b64"]),
    "a zip": lambda: with_header(zip="DEF"),
    "a cty": lambda: with_header(cty="JWT"),
    "an unknown member": lambda: with_header(note="x"),
    "alg twice": lambda: crafted(header=b'{"alg":"none","alg":"EdDSA","kid":"example-2026","typ":"license+jwt"}'),
    "kid twice": lambda: crafted(header=b'{"alg":"EdDSA","kid":"x","kid":"example-2026","typ":"license+jwt"}'),
    "kid twice, once escaped": lambda: crafted(
        header=b'{"alg":"EdDSA","k\\u0069d":"x","kid":"example-2026","typ":"license+jwt"}'
    ),
    "a header that is a list": lambda: crafted(header=b'["alg","kid","typ"]'),
    "a header that is a text": lambda: crafted(header=b'"EdDSA"'),
    "a header that is null": lambda: crafted(header=b"null"),
    "a header that is NaN": lambda: crafted(header=b"NaN"),
    "a header that is no JSON": lambda: crafted(header=b"alg: EdDSA"),
    "a header with a byte order mark": lambda: crafted(header=b"\xef\xbb\xbf" + as_json(HEADER)),
    "a header in UTF-16": lambda: crafted(header=json.dumps(HEADER).encode("utf-16")),
    "a header that is no UTF-8": lambda: crafted(header=b'{"alg":"EdDSA","kid":"\xff","typ":"license+jwt"}'),
    "a header with something behind it": lambda: crafted(header=as_json(HEADER) + b"{}"),
    "a header nested deeply": lambda: crafted(b"{}", header=b"[" * 2800),
    "a header with a 2,000-digit number": lambda: crafted(b"{}", header=b'{"alg":' + b"9" * 2000 + b"}"),
}

SIGNING_KEYS = {
    "unknown_signing_key": {
        "a kid that is not in the keyring": lambda: with_header(kid="example-2099"),
        "a kid in another case": lambda: with_header(kid="EXAMPLE-2026"),
        "a kid with a blank behind it": lambda: with_header(kid="example-2026 "),
        "a kid that is a path": lambda: with_header(kid="../../../dev/null"),
        "a kid that is SQL": lambda: with_header(kid="x' UNION SELECT 'k' --"),
        "a kid that is a URL": lambda: with_header(kid="https://attacker.example/key"),
        "a kid in braces": lambda: with_header(kid="{0.__class__}"),
    },
    "revoked_signing_key": {
        "a revoked kid": lambda: a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID),
        "a revoked kid with a signature that does not fit": lambda: with_header(kid=REVOKED_KID),
        "a revoked kid over nonsense": lambda: crafted(b"?", as_json({**HEADER, "kid": REVOKED_KID})),
    },
    "bad_signature": {
        "a signature of zeros": lambda: crafted(signature=bytes(64)),
        "a signature of ones": lambda: crafted(signature=b"\xff" * 64),
        "another key's signature": lambda: crafted(signing_key=REVOKED_SIGNING_KEY),
        "another license's signature": lambda: f"{HEAD}.{BODY}.{with_claims(licenses=51).split('.')[2]}",
        "another license under the signature": lambda: (
            f"{HEAD}.{base64url(as_json({**CLAIMS, 'licenses': 51}))}.{SIGNATURE}"
        ),
        "a signature over the payload alone": lambda: crafted(signature=SIGNING_KEY.sign(as_json(CLAIMS))),
        "a signature over the decoded parts": lambda: crafted(
            signature=SIGNING_KEY.sign(as_json(HEADER) + as_json(CLAIMS))
        ),
        "a signature with its scalar raised by the order": lambda: crafted(signature=malleable_signature()),
        "the identity point with scalar zero": lambda: crafted(signature=b"\x01" + bytes(63)),
        "the halves of the signature exchanged": lambda: crafted(
            signature=SIGNING_KEY.sign(f"{HEAD}.{BODY}".encode())[32:]
            + SIGNING_KEY.sign(f"{HEAD}.{BODY}".encode())[:32]
        ),
        "header members in another order under the signature": lambda: (
            f"{base64url(as_json(dict(reversed(HEADER.items()))))}.{BODY}.{SIGNATURE}"
        ),
        "nonsense in the payload": lambda: f"{HEAD}.{base64url(b'?' * 30)}.{SIGNATURE}",
        "a missing line in the middle": lambda: f"{HEAD}.{BODY[:60] + BODY[120:]}.{SIGNATURE}",
    },
}

JSON_CASES = {
    "a payload that is no JSON": lambda: payload("licenses=50"),
    "a payload that is a list": lambda: payload("[]"),
    "a payload that is a text": lambda: payload('"v"'),
    "a payload that is null": lambda: payload("null"),
    "a payload that is true": lambda: payload("true"),
    "a payload that is a number": lambda: payload("1"),
    "a payload that is NaN": lambda: payload("NaN"),
    "an empty object": lambda: payload("{}"),
    "a payload with a byte order mark": lambda: payload("\ufeff" + JSON_TEXT),
    "a payload in UTF-16": lambda: crafted(JSON_TEXT.encode("utf-16")),
    "a payload in Latin-1": lambda: crafted(JSON_TEXT.replace("Example Customer", "Müller").encode("latin-1")),
    "an overlong UTF-8 sequence": lambda: crafted(JSON_TEXT.encode().replace(b"Example", b"\xc0\xaf")),
    "a surrogate in UTF-8": lambda: crafted(JSON_TEXT.encode().replace(b"Example", b"\xed\xa0\x80")),
    "a payload with something behind it": lambda: payload(JSON_TEXT + "x"),
    "two objects": lambda: payload(JSON_TEXT + JSON_TEXT),
    "a payload cut short": lambda: payload(JSON_TEXT[:-1]),
    "a comment": lambda: payload("/* */" + JSON_TEXT),
    "single quotes": lambda: payload(JSON_TEXT.replace('"', "'")),
    "a trailing comma": lambda: payload(JSON_TEXT[:-1] + ",}"),
    "a line break in a text": lambda: payload(JSON_TEXT.replace("Example Customer", "Example\nCustomer")),
    "licenses twice": lambda: payload(JSON_TEXT[:-1] + ',"licenses":9000}'),
    "licenses twice, once escaped": lambda: payload(JSON_TEXT[:-1] + ',"licens\\u0065s":9000}'),
    "licenses twice with the same value": lambda: payload(JSON_TEXT[:-1] + ',"licenses":50}'),
    "an end twice": lambda: with_raw("license_period", '{"start":"2026-04-01","end":"2026-04-02","end":null}'),
    "an x_ claim twice": lambda: payload(JSON_TEXT[:-1] + ',"x_a":1,"x_a":2}'),
    "a lone surrogate in a name": lambda: payload(JSON_TEXT[:-1] + ',"x_\\ud800":1}'),
    "arrays nested deeply": lambda: with_raw("x_deep", "[" * 1200 + "]" * 1200),
    "objects nested deeply": lambda: with_raw("x_deep", '{"a":' * 400 + "1" + "}" * 400),
    "arrays nested deeply and never closed": lambda: payload("[" * 2800),
}

LICENSES = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "minus Infinity": "-Infinity",
    "1e400": "1e400",
    "1E2": "1E2",
    "50.0": "50.0",
    "minus 0.0": "-0.0",
    "true": "true",
    "false": "false",
    "null": "null",
    "a text": '"50"',
    "a list": "[50]",
    "an object": '{"n":50}',
    "zero": "0",
    "minus zero": "-0",
    "minus one": "-1",
    "one above the most": "10000001",
    "2**53 + 1": str(2**53 + 1),
    "2**64": str(2**64),
    "minus 2**53 - 1": str(-(2**53) - 1),
    "a 2,000-digit number": "9" * 2000,
    "a leading zero": "050",
    "a plus": "+50",
    "hexadecimal": "0x32",
    "digits with an underscore": "5_0",
    "full-width digits": "５０",
    "Arabic digits": "٥٠",
    "nothing": "",
}

TEXTS = {
    "empty": "",
    "of blanks": "   ",
    "of 201 characters": "a" * 201,
    "with a line break": "a\nb",
    "with a NUL": "a\0b",
    "with an escape sequence": "\x1b[2J",
    "with a right-to-left override": "a\u202eb",
    "with a zero-width space": "a\u200bb",
    "with a byte order mark": "\ufeffa",
    "with a lone surrogate": "a\ud800",
    "with an unassigned character": "a\u0378",
    "a number": 5,
    "null": None,
    "true": True,
    "a list": ["a"],
    "an object": {"a": 1},
}

CLAIM_VALUES: dict[str, dict[str, object]] = {
    "v": {"0": 0, "minus one": -1, "true": True, "a text": "1", "null": None, "a list": [1]},
    "jti": {
        "in upper case": CLAIMS["jti"].upper(),
        "without hyphens": CLAIMS["jti"].replace("-", ""),
        "in braces": "{" + CLAIMS["jti"] + "}",
        "as a URN": "urn:uuid:" + CLAIMS["jti"],
        "with a line break behind it": CLAIMS["jti"] + "\n",
        "empty": "",
        "a number": 7,
        "null": None,
    },
    "aud": {
        "in upper case": CLAIMS["aud"].upper(),
        "a list of one": [CLAIMS["aud"]],
        "a list of any": ["*"],
        "two stars": "**",
        "empty": "",
        "a host name": "timetracker.example",
        "null": None,
        "true": True,
    },
    "iat": {
        "0": 0,
        "minus one": -1,
        "after the year 9999": 253402300800,
        "true": True,
        "a text": "1773565200",
        "a moment": "2026-03-15T09:00:00Z",
        "null": None,
    },
    "license_period": {
        "null": None,
        "a text": "2026-04-01/2027-03-31",
        "a list": ["2026-04-01", "2027-03-31"],
        "empty": {},
        "without a start": {"end": "2027-03-31"},
        "without an end": {"start": "2026-04-01"},
        "with a further member": {**A_PERIOD, "grace": 30},
        "with an x_ member": {**A_PERIOD, "x_grace": 30},
        "with a null start": {**A_PERIOD, "start": None},
        "that ends before it starts": {"start": "2027-03-31", "end": "2026-04-01"},
        "with a month of one digit": {**A_PERIOD, "start": "2026-4-01"},
        "with a date without hyphens": {**A_PERIOD, "start": "20260401"},
        "with a week date": {**A_PERIOD, "start": "2026-W14-3"},
        "with a moment": {**A_PERIOD, "start": "2026-04-01T00:00:00Z"},
        "with a blank before the date": {**A_PERIOD, "start": " 2026-04-01"},
        "with a line break behind the date": {**A_PERIOD, "start": "2026-04-01\n"},
        "with Arabic digits": {**A_PERIOD, "start": "٢٠٢٦-٠٤-٠١"},
        "with full-width digits": {**A_PERIOD, "start": "２０２６-04-01"},
        "with the 30th of February": {**A_PERIOD, "start": "2026-02-30"},
        "with a leap day of a common year": {**A_PERIOD, "start": "2025-02-29"},
        "with the year 0": {**A_PERIOD, "start": "0000-01-01"},
        "with the year 10000": {**A_PERIOD, "end": "10000-01-01"},
        "with a number": {**A_PERIOD, "start": 20260401},
        "with an empty end": {**A_PERIOD, "end": ""},
        "with an end that is false": {**A_PERIOD, "end": False},
    },
    "maintenance_period": {
        "without end": {**A_PERIOD, "end": None},
        "false": False,
        "an empty text": "",
        "empty": {},
        "with a further member": {**A_PERIOD, "products": []},
        "that ends before it starts": {"start": "2027-03-31", "end": "2026-04-01"},
    },
    "optional_products": {
        "null": None,
        "a text": "Analytics",
        "an object": {"Analytics": True},
        "of 51": [f"Product {n}" for n in range(51)],
        "with one twice": ["Analytics", "Planning", "Analytics"],
        "with an empty name": [""],
        "with a number": [1],
        "with true": [True],
        "with null": [None],
        "with a list": [["Analytics"]],
        "with a name of 201 characters": ["a" * 201],
        "with a line break": ["a\nb"],
    },
    "x_note": {
        "true": True,
        "null": None,
        "a list": [],
        "an object": {},
        "of 1,001 characters": "a" * 1001,
        "with a lone surrogate": "a\udc00",
        "a fraction": 1.5,
        "a number beyond 2**53": 2**53 + 1,
    },
}

UNKNOWN_CLAIM = {
    "an expiry that is not ours": lambda: with_claims(exp=1),
    "a not-before that is not ours": lambda: with_claims(nbf=1),
    "a claim called seats": lambda: with_claims(seats=100),
    "a claim with an empty name": lambda: with_claims(**{"": 1}),
    "a claim that begins with X_": lambda: with_claims(X_note="a"),
    "a claim that begins with x-": lambda: with_claims(**{"x-note": "a"}),
    "a claim called x": lambda: with_claims(x=1),
    "a known claim in another case": lambda: with_claims(Licenses=100),
    "a known claim with a blank": lambda: with_claims(**{"licenses ": 100}),
    "a claim with a terminal's escape sequence": lambda: with_claims(**{"\x1b[2J": 1}),
    "a claim of 1,000 characters": lambda: with_claims(**{"n" * 1000: 1}),
    "a claim called __proto__": lambda: with_claims(__proto__={}),
    "version 2": lambda: with_claims(v=2),
    "version 2 with other claims": lambda: payload('{"v":2,"seats":{"named":50}}'),
}


def _cases() -> list[Hostile]:
    found = []
    for code, cases in (
        ("too_long", TOO_LONG),
        ("malformed", MALFORMED),
        ("not_canonical", NOT_CANONICAL),
        ("wrong_header", WRONG_HEADER),
        *SIGNING_KEYS.items(),
        ("bad_claims", JSON_CASES),
        ("unknown_claim", UNKNOWN_CLAIM),
    ):
        found += [Hostile(code, name, make) for name, make in cases.items()]
    for name in CLAIMS:
        found.append(Hostile("bad_claims", f"{name} missing", lambda name=name: without_claim(name)))
    for value, raw in LICENSES.items():
        found.append(Hostile("bad_claims", f"licenses {value}", lambda raw=raw: with_raw("licenses", raw)))
    for name in ("iss", "sub", "product", "edition"):
        for value, text in TEXTS.items():
            found.append(Hostile("bad_claims", f"{name} {value}", lambda n=name, t=text: with_claims(**{n: t})))
    for name, values in CLAIM_VALUES.items():
        for value, claim in values.items():
            found.append(Hostile("bad_claims", f"{name} {value}", lambda n=name, c=claim: with_claims(**{n: c})))
    return found


HOSTILE = _cases()
