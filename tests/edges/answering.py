"""A server that answers every request with given bytes, whatever they are, over plain TCP or TLS."""

from __future__ import annotations

import os
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

LONGEST = 10.0  # seconds that one that lingers waits


@dataclass
class Answering:
    """What a test tells the server and what it learns from it; one that lingers leaves it to others to hang up."""

    answer: bytes = b""
    lingers: bool = False
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))  # up with each connection's end


@contextmanager
def answering(answer: bytes = b"", *, tls: ssl.SSLContext | None = None) -> Iterator[Answering]:
    """Run the server; with `tls` the answer is written beneath it, where it is no record of the protocol."""
    known = Answering(answer)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                if tls is None:
                    known.requests.append(_request(self.request.recv))
                    self.request.sendall(known.answer)
                    if known.lingers:
                        self.request.settimeout(LONGEST)
                        self.request.recv(1)
                    return
                with tls.wrap_socket(self.request, server_side=True) as encrypted:
                    known.requests.append(_request(encrypted.recv))
                    os.write(encrypted.fileno(), known.answer)

    class Server(socketserver.ThreadingTCPServer):
        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            known.closed.release()

    with Server(("127.0.0.1", 0), Handler) as server:
        known.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()


def _request(receive: object) -> bytes:
    """Read one request: its head, and as much body as it announces."""
    assert callable(receive)
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += receive(65536)
    return head + b"\r\n\r\n" + body
