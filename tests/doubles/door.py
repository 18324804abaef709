"""The page behind the unsubscribe link, over TLS, which answers as it is told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from newsletter.core.links import INERT, LinkMaker

KEY = "a key of the public pages of more than 32 characters"


@dataclass
class Door:
    """`keys` are those that it reads links with; without any it answers all alike.

    `says` is status and Location by method; `asked` what was sent: method, path, body, cookies.
    """

    port: int = 0
    keys: list[str] = field(default_factory=lambda: [KEY])
    says: dict[str, tuple[int, str]] = field(default_factory=lambda: {"GET": (200, ""), "POST": (200, "")})
    delay: float = 0.0
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)

    def reset(self) -> None:
        self.keys = [KEY]
        self.says, self.delay = {"GET": (200, ""), "POST": (200, "")}, 0.0
        self.asked.clear()

    def knows(self, token: str) -> bool:
        return token == INERT or not self.keys or LinkMaker(self.url, self.keys).read("unsubscribe", token) is not None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@contextmanager
def running_door(tls: ssl.SSLContext) -> Iterator[Door]:
    """Run it in a thread of this process."""
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            door.asked.append((method, self.path, body, self.headers.get("Cookie", "")))
            time.sleep(door.delay)
            status, location = door.says[method] if door.knows(self.path.rpartition("/")[2]) else (404, "")
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Keep quiet: clients that trust nobody hang up."""

        def finish_request(self, request: Any, client_address: Any) -> None:
            with tls.wrap_socket(request, server_side=True) as encrypted:
                super().finish_request(encrypted, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        door.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield door
        finally:
            server.shutdown()
            thread.join()
