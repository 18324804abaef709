"""Hypothesis: the same examples in every run, more of them with HYPOTHESIS_PROFILE=search."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import HealthCheck, settings

CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much)
settings.register_profile(
    "ci", max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=CALM
)
settings.register_profile("search", max_examples=500, deadline=None, suppress_health_check=CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _closed_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close the network: the core has no business there, and neither have the libraries it calls."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("the core reached for the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
