"""What all tests share: sockets stay on this machine, a copy of the publication, and a browser."""

from __future__ import annotations

import ipaddress
import shutil
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]

pytest_plugins = ["tests.browser"]


def _refuse_to_leave(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a test that connects to anything but this machine fails, whatever library it uses."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if not isinstance(address, tuple):  # a Unix socket
        return
    host = str(address[0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise PermissionError(f"tests do not leave this machine, and this one wanted to reach {host}")


sys.addaudithook(_refuse_to_leave)


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    """Return the folder of a copy of the repository's publication, for tests that write."""
    folder = tmp_path / "publication"
    folder.mkdir()
    shutil.copy(REPOSITORY / "publication.yaml", folder)
    for each in ("issues", "layouts"):
        shutil.copytree(REPOSITORY / each, folder / each)
    return folder
