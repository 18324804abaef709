"""HTTP/1.1 by hand: reads requests off keep-alive connections and answers them, also in the wrong manners."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
_BUFFER_BYTES: Final = 64 * 1024
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; `target` is the undecoded path, header names are in lower case."""

    method: str
    target: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(self.target)


class Manner(StrEnum):
    """How an answer is given."""

    WHOLE = "whole"
    HALF = "half"
    CLOSE = "close"
    RESET = "reset"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, how, after how many seconds, and what is done once it was said."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    manner: Manner = Manner.WHOLE
    delay: float = 0.0
    afterwards: Callable[[], None] | None = None

    def encoded(self, *, keep_alive: bool) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(self.body)}", f"Connection: {'keep-alive' if keep_alive else 'close'}"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class UnreadableRequest(Exception):
    """The bytes are no request this server takes; carries the status to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(HTTPStatus(status).phrase)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Head:
    method: str
    target: str
    headers: dict[str, str]
    length: int


def _read_head(head: bytes) -> _Head:
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise UnreadableRequest(400)
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise UnreadableRequest(400)
        headers[name.lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise UnreadableRequest(411)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise UnreadableRequest(400)
    if int(length) > MAX_BODY_BYTES:
        raise UnreadableRequest(413)
    return _Head(words[0], words[1], headers, int(length))


class Connection(asyncio.BufferedProtocol):
    """One client connection: requests are answered one after the other."""

    def __init__(self, handle: Callable[[Request], Answer]) -> None:
        self._handle = handle
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(_BUFFER_BYTES)
        self._filled = 0
        self._head: _Head | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Lend the free end of the buffer, which is as large as the request at hand or grows by half."""
        wanted = max(self._head.length if self._head else 0, self._filled + _BUFFER_BYTES // 2)
        if len(self._buffer) < wanted:
            self._buffer = self._buffer[: self._filled] + bytearray(wanted + wanted // 2 - self._filled)
        return memoryview(self._buffer)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        self._serve_buffered()

    def _serve_buffered(self) -> None:
        try:
            while not self._busy and (request := self._next_request()):
                self._busy = True
                keep_alive = request.headers.get("connection", "").lower() != "close"
                self._give(self._handle(request), keep_alive=keep_alive)
        except UnreadableRequest as problem:
            self._busy = True
            self._give(Answer(problem.status, b""), keep_alive=False)

    def _next_request(self) -> Request | None:
        head = self._head or self._next_head()
        if head is None or self._filled < head.length:
            return None
        self._head = None
        target, _, query = head.target.partition("?")
        return Request(head.method, target, query, head.headers, self._taken(head.length))

    def _next_head(self) -> _Head | None:
        end = self._buffer.find(b"\r\n\r\n", 0, min(self._filled, MAX_HEAD_BYTES))
        if end < 0:
            if self._filled >= MAX_HEAD_BYTES:
                raise UnreadableRequest(431)
            return None
        head = self._head = _read_head(self._taken(end + 4)[:-4])
        if "expect" in head.headers and self._transport and self._filled < head.length:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return head

    def _taken(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:size])
            view[: self._filled - size] = view[size : self._filled]
        self._filled -= size
        return taken

    def _give(self, answer: Answer, *, keep_alive: bool) -> None:
        if answer.delay:
            self._timer = self._loop.call_later(answer.delay, self._give_late, answer, keep_alive)
        else:
            self._give_now(answer, keep_alive=keep_alive)

    def _give_late(self, answer: Answer, keep_alive: bool) -> None:  # noqa: FBT001 - a timer passes no keywords
        self._give_now(answer, keep_alive=keep_alive)
        self._serve_buffered()

    def _give_now(self, answer: Answer, *, keep_alive: bool) -> None:
        if self._transport is not None:
            self._speak(self._transport, answer, keep_alive=keep_alive)
        if answer.afterwards:
            answer.afterwards()

    def _speak(self, transport: asyncio.Transport, answer: Answer, *, keep_alive: bool) -> None:
        match answer.manner:
            case Manner.WHOLE:
                transport.write(answer.encoded(keep_alive=keep_alive))
                self._busy = not keep_alive
                if not keep_alive:
                    transport.close()
            case Manner.HALF:
                whole = answer.encoded(keep_alive=False)
                transport.write(whole[: len(whole) - (len(answer.body) + 1) // 2])
                transport.close()
            case Manner.CLOSE:
                transport.close()
            case Manner.RESET:
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                transport.abort()
            case Manner.NEVER:
                pass
