"""Around everything that the doors answer: what a page may not do, and how much may be sent to it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 16_384  # of a request's body; the fullest form has a tenth of it
TOO_LARGE = 413
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",  # addresses of pages hold tokens
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}


def safe_headers(policy: str, *, encrypted: bool) -> Mapping[str, str]:
    """Return what every answer says that it may not do. `encrypted`: readers reach it by https."""
    return {"Content-Security-Policy": policy, **_HEADERS, **(_ENCRYPTED if encrypted else {})}


class SafeHeaders:
    """Adds to every answer, errors too, what it is not allowed to do, unless the answer says so itself."""

    def __init__(self, app: ASGIApp, policy: str, *, encrypted: bool) -> None:
        """Guard an application. `policy` is its Content-Security-Policy; `encrypted`: readers reach it by https."""
        self._app = app
        self._headers = safe_headers(policy, encrypted=encrypted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


class SmallBodies:
    """Refuses a request whose body is too large, before it is read or while it is."""

    def __init__(self, app: ASGIApp, refusal: ASGIApp) -> None:
        """Guard an application. `refusal` answers in its place."""
        self._app = app
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or len(told) > 12 or int(told) > MOST_BYTES:
            await self._refusal(scope, receive, send)
            return
        read = 0

        async def receive_little() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, receive_little, send)
