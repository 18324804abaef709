"""Hypothesis: the same examples in every run, more of them with HYPOTHESIS_PROFILE=search."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much)
settings.register_profile(
    "ci", max_examples=30, derandomize=True, deadline=None, database=None, suppress_health_check=CALM
)
settings.register_profile("search", max_examples=500, deadline=None, suppress_health_check=CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _closed_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close the network: the core has no business there, and neither have the libraries it calls."""

    def refusing(call: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(*arguments: object, **options: object) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return call(*arguments, **options)  # what a double of other tests has still to say
            return pytest.fail("the core reached for the network")

        return refuse

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refusing(getattr(socket.socket, name)))
    monkeypatch.setattr(socket, "getaddrinfo", refusing(socket.getaddrinfo))
