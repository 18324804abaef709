"""What all tests share: sockets stay on this machine, a copy of the publication, and a browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from pathlib import Path

import pytest

# premailer forgets style sheets that it has parsed as soon as 128 selectors are used more often.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "8192")

# Shells start what runs in the background with Ctrl-C ignored (POSIX, "Asynchronous Lists"), and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).parents[1]

pytest_plugins = ["tests.browser"]


def _refuse_to_leave(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a test that connects to anything but this machine fails, whatever library it uses."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    connecting, address = arguments[:2]
    if getattr(connecting, "family", None) not in {socket.AF_INET, socket.AF_INET6}:  # a Unix socket
        return
    host = address[0] if isinstance(address, tuple) else ""
    if host not in {"localhost", "::1"} and not str(host).startswith("127."):
        raise PermissionError(f"tests do not leave this machine, and this one wanted to reach {host}")


sys.addaudithook(_refuse_to_leave)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("slow", "browser"))))


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    """Return the folder of a copy of the repository's publication, for tests that write."""
    return copy_of_publication(tmp_path / "publication")


def copy_of_publication(folder: Path) -> Path:
    """Copy the repository's publication into a folder."""
    folder.mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "publication.yaml", folder)
    for each in ("issues", "layouts"):
        shutil.copytree(REPOSITORY / each, folder / each)
    return folder
