"""One HTTP request and its answer over connections of urllib3 that are kept.

botocore's HTTP session and urllib3's pool spend twice as much on each call as all the rest of it, on what is the same
for every call to one host. Connecting, certificates and the notice that a kept connection was closed are urllib3's;
reading an answer that is not the ordinary one is `http.client`'s. What goes wrong is raised as botocore's session
raises it, since `edges.aws_errors` tells from that whether a request may have left. Where a proxy stands between, that
session is used.
"""

from __future__ import annotations

import io
import os
import re
import socket
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Protocol
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.awsrequest import HeadersDict
from botocore.httpsession import create_urllib3_context, get_cert_path
from urllib3 import exceptions as http
from urllib3.connection import HTTPConnection, HTTPSConnection

_MOST_AT_ONCE = 65_536  # bytes
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n|\Z)")
# Chunks, an end of the connection, a header in several lines.
_EXTRAORDINARY = re.compile(rb"\r\n(?:[ \t]|transfer-encoding:|connection:(?![ \t]*keep-alive[ \t]*(?:\r\n|\Z)))")

Option = tuple[int, int, int]  # of a socket: level, name, value


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, under the names that botocore's parsers know; of a 200 the headers may be left out."""

    status_code: int
    headers: HeadersDict
    content: bytes


class Line(Protocol):
    """A way to POST to one host."""

    def post(self, url: str, headers: Mapping[str, str], body: Sequence[bytes]) -> Answer:
        """Send one request, once, the parts of its body one after the other; return the answer.

        `headers` have the host, as it was signed, and not the length.

        Raises:
            BotoCoreError: it could not be sent, or no answer came.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class DirectLine:
    """Connections to one host without a proxy; any number of threads may use them, each call its own."""

    def __init__(
        self, endpoint: str, *, timeout: tuple[float, float], bundle: str | None, options: list[Option]
    ) -> None:
        """Open nothing yet.

        `timeout` is seconds to connect and seconds to wait for an answer, `bundle` the file of trusted certificates,
        `options` are of sockets.
        """
        self._endpoint, (self._to_connect, self._to_answer) = endpoint, timeout
        parts = urlsplit(endpoint)
        self._host, self._port, self._safe = parts.hostname or "", parts.port, parts.scheme == "https"
        self._bundle = (
            bundle or os.environ.get("REQUESTS_CA_BUNDLE") or get_cert_path(verify=True)
        )  # as botocore chooses
        self._options: list[tuple[int, int, int | bytes]] = [*options]
        self._idle: deque[HTTPConnection] = deque()  # taken and put back at its end: the others may be closed in peace

    def post(self, url: str, headers: Mapping[str, str], body: Sequence[bytes]) -> Answer:
        """Send one request, once, and return the answer."""
        path, length = urlsplit(url).path, sum(map(len, body))
        lines = [f"POST {path} HTTP/1.1", "Accept-Encoding: identity"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {length}", "\r\n"]).encode("latin-1")
        connection = self._connection()
        try:
            answer, kept = self._exchange(connection, (head, *body))
        except BaseException:
            connection.close()
            raise
        if kept:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> HTTPConnection:
        """Return a connection that is open: one that the other side has closed is not used again."""
        with suppress(IndexError):
            while True:
                kept = self._idle.pop()
                if kept.is_connected:
                    return kept
                kept.close()
        made = self._made()
        try:
            made.connect()
        except http.NewConnectionError as err:
            raise boto.EndpointConnectionError(endpoint_url=self._endpoint, error=err) from err
        except http.ConnectTimeoutError as err:
            raise boto.ConnectTimeoutError(endpoint_url=self._endpoint, error=err) from err
        except (http.SSLError, ssl.SSLError) as err:
            raise boto.SSLError(endpoint_url=self._endpoint, error=err) from err
        except (OSError, http.HTTPError) as err:
            raise boto.HTTPClientError(error=err) from err
        made.sock.settimeout(self._to_answer)
        return made

    def _made(self) -> HTTPConnection:
        if not self._safe:
            return HTTPConnection(self._host, self._port, timeout=self._to_connect, socket_options=self._options)
        return HTTPSConnection(
            self._host,
            self._port,
            timeout=self._to_connect,
            socket_options=self._options,
            cert_reqs="CERT_REQUIRED",
            ssl_context=self._context,
        )

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Read whom to trust, once: urllib3 would for each connection, and it takes some twenty milliseconds."""
        context: ssl.SSLContext = create_urllib3_context()
        try:
            context.load_verify_locations(self._bundle)
        except OSError as err:
            raise boto.InvalidConfigError(error_msg=f"no trusted certificates can be read from {self._bundle}") from err
        return context

    def _exchange(self, connection: HTTPConnection, request: Sequence[bytes]) -> tuple[Answer, bool]:
        """Return the answer, and whether the connection can be kept."""
        try:
            with suppress(BrokenPipeError):  # who answers before the end of a request may not read the rest of it
                for part in request:
                    connection.sock.sendall(part)
            return _answer(connection.sock)
        except TimeoutError as err:
            raise boto.ReadTimeoutError(endpoint_url=self._endpoint, error=err) from err
        except ssl.SSLError as err:
            raise boto.SSLError(endpoint_url=self._endpoint, error=err) from err
        except (OSError, HTTPException) as err:
            raise boto.ConnectionClosedError(endpoint_url=self._endpoint, error=err) from err


def _answer(sock: socket.socket) -> tuple[Answer, bool]:
    """Return the answer, and whether the connection can be kept."""
    begun = sock.recv(_MOST_AT_ONCE)
    head, end, content = begun.partition(b"\r\n\r\n")
    length = _ordinary_length(head) if end else None
    if length is None:
        return _any_answer(_Begun(begun, sock))
    parts, missing = [content], length - len(content)
    while missing > 0 and (part := sock.recv(_MOST_AT_ONCE)):
        parts.append(part)
        missing -= len(part)
    return Answer(HTTPStatus.OK, HeadersDict(), b"".join(parts)[:length]), missing == 0


def _ordinary_length(head: bytes) -> int | None:
    """Return how long a 200's content is that has its length and goes over a connection that stays open.

    That is nearly every answer; `http.client` would parse its headers like a message's, which takes longer than all
    the rest of the exchange.
    """
    lines = head.lower()
    if not lines.startswith(b"http/1.1 200 ") or _EXTRAORDINARY.search(lines):
        return None
    match = _LENGTH.findall(lines)
    return int(match[0]) if len(match) == 1 else None


def _any_answer(begun: _Begun) -> tuple[Answer, bool]:
    response = HTTPResponse(begun, method="POST")  # type: ignore[arg-type] # it asks for no more of a socket
    response.begin()
    content, whole = _read(response)
    headers = HeadersDict(response.headers.items())
    return Answer(response.status, headers, content), whole and not response.will_close


class _Begun(io.RawIOBase):
    """What comes from a socket, after what was read of it before."""

    def __init__(self, before: bytes, sock: socket.socket) -> None:
        super().__init__()
        self._before, self._sock = before, sock

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return it as http.client wants it."""
        del mode
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the buffered reader gives no other
        """Fill a buffer as far as may be."""
        if not self._before:
            return self._sock.recv_into(buffer)
        count = min(len(buffer), len(self._before))
        buffer[:count], self._before = self._before[:count], self._before[count:]
        return count


def _read(response: HTTPResponse) -> tuple[bytes, bool]:
    """Return the content, and whether it has its announced length: what says nothing by itself is in doubt later."""
    try:
        return response.read(), True
    except IncompleteRead as err:
        if response.chunked:
            raise
        return err.partial, False
