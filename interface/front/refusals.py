"""What the front refuses by itself, so that nothing of it reaches the application: nothing was changed."""

from __future__ import annotations

from domain.refusals import Refused


class AddressMalformed(Refused):
    """The path or the query has an escape that is none (RFC 3986, section 2.1), or the path an encoded slash."""

    code = "malformed_address"


class BodyRefused(Refused):
    """What comes after the head cannot be taken; the connection ends, since nobody knows where the next begins."""


class BodyIncomplete(BodyRefused):
    """The body is shorter than announced, or one of its chunks is broken; or the client is gone."""

    code = "body_incomplete"


class EncodingUnknown(BodyRefused):
    """The body comes in a transfer coding other than chunked (RFC 9112, section 6.1)."""

    code = "unknown_encoding"


class BodyTooSlow(BodyRefused):
    """It has not come within its time."""

    code = "body_too_slow"


class RequestTooLarge(BodyRefused):
    """The body is larger than any that is taken."""

    code = "request_too_large"


class ListTooLarge(RequestTooLarge):
    """A list of users is larger than any that is taken on the web."""

    @property
    def says(self) -> str:
        return f"{self.code}.list"


class ServerBusy(Refused):
    """As many requests of this kind as may wait do so already."""

    code = "busy"

    @property
    def says(self) -> str:
        return "busy.line"


def every_refusal(seconds: float) -> tuple[Refused, ...]:
    """One of each kind; `seconds` is what a body may take."""
    return (
        AddressMalformed(),
        BodyIncomplete(),
        EncodingUnknown(),
        BodyTooSlow(seconds=seconds),
        RequestTooLarge(),
        ListTooLarge(),
        ServerBusy(),
    )
