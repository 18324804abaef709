"""Serving the studio on this machine until Ctrl-C."""

from __future__ import annotations

import errno
import socket
import sys

import uvicorn

from newsletter.errors import BadInput, EdgeError
from newsletter.web.preview.app import Studio
from newsletter.web.preview.sights import Report
from newsletter.wiring import Here

HOST = "127.0.0.1"
PORT = 8025
TRIED = 20  # ports from PORT upward
PATIENCE = 2  # seconds for answers under way when the server ends


class StudioServer:
    """The studio on a port, open from the start: who connects before `serve` waits for it."""

    def __init__(self, here: Here, port: int | None, report: Report) -> None:
        """Take a port, by default the first that is free; 0 is any.

        Raises:
            BadInput: the port that was asked for is busy or not allowed.
            EdgeError: no port is free.
        """
        self._socket = _listening(port)
        studio = Studio(here, report)
        config = uvicorn.Config(
            studio.app(),
            log_config=None,
            log_level="critical",  # defects are reported by the studio, in one line
            access_log=False,
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
        self._server = _Server(config, studio)

    @property
    def url(self) -> str:
        """Return the address of the studio."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}/"

    def serve(self) -> None:
        """Serve until Ctrl-C, which goes on as KeyboardInterrupt, or until `stop`."""
        with self._socket:
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End `serve`; may be called from another thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """Ends the streams of news first: uvicorn waits for all answers to end, and they would not."""

    def __init__(self, config: uvicorn.Config, studio: Studio) -> None:
        super().__init__(config)
        self._studio = studio

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._studio.changes.close()
        await super().shutdown(sockets)


def _listening(port: int | None) -> socket.socket:
    if port is not None:
        try:
            return _bound(port)
        except OSError as err:
            hint = "choose another with --port, or leave --port out to get the next free one"
            raise BadInput(f"port {port} cannot be used: {err.strerror}", hint=hint) from err
    for candidate in range(PORT, PORT + TRIED):
        try:
            return _bound(candidate)
        except OSError as err:
            if err.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise EdgeError(f"no port can be opened on {HOST}: {err.strerror}") from err
    raise EdgeError(f"no port from {PORT} to {PORT + TRIED - 1} is free", hint="choose one with --port")


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except BaseException:
        listening.close()
        raise
    return listening
