"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that comes again is carried out once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from uuid import uuid5

import orjson
from flask import Response

from application.log.failures import UNSTORED
from application.repeats import Claim, Request
from domain.refusals import Refused
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import Document
from interface.web.gateway.problems import of_refusal
from interface.web.gateway.requests import Value

MOST_CHARACTERS = 255

_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"', re.ASCII)
"""A string of structured fields (RFC 9651): printable ASCII in double quotes, of which two are escaped."""

_BARE = re.compile(r"[A-Za-z0-9._~+/=:-]+", re.ASCII)
"""A UUID, or another token, as many programs send it: without the quotes."""


class IdempotencyKeyInvalid(Refused):
    """The header is no key."""

    code = "idempotency_key_invalid"


def key_of(header: str) -> str:
    """The key that a header gives, 1 to 255 characters; quoted or not it is the same one.

    Raises IdempotencyKeyInvalid.
    """
    text = header.strip(" \t")
    if (string := _STRING.fullmatch(text)) is not None:
        key = re.sub(r"\\(.)", r"\1", string[1])
    else:
        key = text if _BARE.fullmatch(text) else ""
    if not 1 <= len(key) <= MOST_CHARACTERS:
        raise IdempotencyKeyInvalid(most=MOST_CHARACTERS)
    return key


def answer_once(
    caller: Caller, header: str, method: str, path: str, values: Mapping[str, Value], act: Callable[[Caller], Response]
) -> Response:
    """What `act` answers, or has answered to the same request before. `values` are those of path, query and body.

    The command's id is uuid5 of the installation's id and `token:ID KEY`, so that programs can make it as well. Raises
    IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInProgress, PepperUnusable, Busy, StorageFailed.
    """
    key = key_of(header)
    content = json.dumps([method, path, sorted(values.items())], default=str).encode()  # in ASCII, surrogates too
    request = Request(uuid5(caller.installation_id, f"{caller.by} {key}"), key, content)
    repeats = caller.seatledger.repeats
    claim = repeats.claim(request, caller.on_day.view.position)
    if not isinstance(claim, Claim):
        return _opened(claim)
    response = _answered(act, caller._replace(command_id=claim.command))
    # After an answer of 5xx nobody waits for the database once more; the next one may act as if we had died.
    if response.status_code < 500:
        with suppress(*UNSTORED):  # it is answered all the same; the next time, the log is asked
            repeats.keep(claim, _closed(response))
    return response


def _answered(act: Callable[[Caller], Response], caller: Caller) -> Response:
    try:
        return act(caller)
    except Refused as refusal:
        return of_refusal(refusal)


def _closed(response: Response) -> bytes:
    return orjson.dumps([response.status_code, list(response.headers), response.get_data(as_text=True)])


def _opened(answer: bytes) -> Response:
    status, headers, body = orjson.loads(answer)
    return Document(body, status, headers)
