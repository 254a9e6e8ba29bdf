"""How pages and cookies are protected in the browser: their headers, their names, their attributes."""

from __future__ import annotations

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from interface.web.access import STATIC
from interface.web.audiences import is_for_programs

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # With no-referrer, browsers would send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

DEVICE_LIFETIME = 180 * 24 * 60 * 60


def register(app: Flask, *, https: bool) -> None:
    """`https` False, for the demo on plain HTTP, leaves out what browsers accept over HTTPS alone."""
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name("seatledger", https=https),
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PREFERRED_URL_SCHEME="https" if https else "http",
        DEVICE_COOKIE_NAME=cookie_name("seatledger-device", https=https),
    )
    transport = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if https else {}
    headers = HEADERS | transport

    def protect(response: Response) -> Response:
        if is_for_programs(request.path):
            response.headers.update(transport)
            return response
        for name, value in headers.items():
            response.headers.setdefault(name, value)  # a page may be stricter
        if request.endpoint not in STATIC and not response.cache_control.private:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(protect)


def cookie_name(name: str, *, https: bool) -> str:
    """With `__Host-`, browsers take the cookie from this very host over HTTPS alone."""
    return f"__Host-{name}" if https else name


def known_device() -> str | None:
    """The token by which the sign-in throttle knows this browser again."""
    return request.cookies.get(current_app.config["DEVICE_COOKIE_NAME"])


def remember_device(response: Response, device: str) -> None:
    response.set_cookie(
        current_app.config["DEVICE_COOKIE_NAME"],
        device,
        max_age=DEVICE_LIFETIME,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
