"""Serving the doors until SIGTERM or Ctrl-C; answers that are under way are finished first."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Sequence
from ipaddress import IPv6Network, ip_network

import uvicorn
from starlette.types import ASGIApp

from newsletter.errors import BadInput

PATIENCE = 30  # seconds for answers under way when the server ends
QUEUED = 2048  # connections that wait to be taken


class DoorsServer:
    """An application on a port, open from the start: who connects before `serve` waits for it."""

    def __init__(self, app: ASGIApp, host: str, port: int, proxies: Sequence[str]) -> None:
        """Take a port; 0 is any. From `proxies` alone, X-Forwarded-For and X-Forwarded-Proto are believed.

        Raises:
            BadInput: the host or port cannot be used, or a proxy is neither an address nor a network.
        """
        trusted = [each for proxy in proxies for each in _networks(proxy)]
        self._host = host
        self._socket = _bound(host, port)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",  # uvicorn's lines name paths, and paths hold tokens
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=trusted,
            timeout_graceful_shutdown=PATIENCE,
        )
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        """Return the address on this machine, without a path."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    def serve(self) -> None:
        """Serve until SIGTERM, until Ctrl-C, which goes on as KeyboardInterrupt, or until `stop`."""
        if threading.current_thread() is threading.main_thread():
            # uvicorn raises the signal once more when all is done; by itself that would kill us.
            signal.signal(signal.SIGTERM, lambda *_: None)
        with self._socket:
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End `serve`; may be called from another thread."""
        self._server.should_exit = True


def _networks(proxy: str) -> Sequence[str]:
    """Return a proxy as uvicorn understands it: what it cannot read it would never believe, and not say so.

    Where the server listens on IPv6 and IPv4 at once, an IPv4 address is written as an IPv6 one (RFC 4291 2.5.5.2).
    """
    try:
        network = ip_network(proxy, strict=False)
    except ValueError as err:
        hint = "write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8"
        raise BadInput(f"the proxy {proxy!r} is neither an IP address nor a network", hint=hint) from err
    if isinstance(network, IPv6Network):
        return [str(network)]
    return [str(network), f"::ffff:{network.network_address}/{96 + network.prefixlen}"]


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":  # there it would let two programs share the port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(QUEUED)
        except BaseException:
            listening.close()
            raise
    except (OSError, UnicodeError) as err:
        hint = "choose others with --host and --port"
        why = err.strerror if isinstance(err, OSError) else "no host can have that name"
        raise BadInput(f"{host} port {port} cannot be used: {why}", hint=hint) from err
    return listening
