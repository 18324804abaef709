"""Locks between processes. Each is freed by the kernel or the server when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from sqlalchemy import Connection, func, select

from newsletter.edges.store.errors import translated

_OURS = 0x6E6C  # "nl", the first half of our advisory locks: other programs may use the same database


class Turn(IntEnum):
    """What only one transaction may do at a time; the second half of a PostgreSQL advisory lock."""

    MIGRATE = 1
    PUT = 2
    JOIN = 3
    EVENTS = 4


def take_turn(connection: Connection, turn: Turn) -> None:
    """Wait until no other transaction does this. On SQLite every writing transaction is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OURS, turn)))


@contextmanager
def file_lock(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock file; yield whether it was free. The file is there only while somebody holds it, or was killed."""
    with translated():
        handle = _locked(path, wait=wait)
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)  # before it is let go, so that nobody is left holding a nameless file
        os.close(handle)


def _locked(path: Path, *, wait: bool) -> int | None:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _is_still(path, handle):
            return handle
        os.close(handle)  # its holder let go and removed it between our two calls


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
