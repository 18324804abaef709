"""What is installed is pinned, and what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fidelity import node


def test_without_node_a_test_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install Node"):
        node.require()


def test_without_node_a_test_fails_in_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="make setup"):
        node.require()


def test_packages_are_pinned_and_come_from_whatever_registry_npm_is_told_of() -> None:
    asked = json.loads((node.INSTALLED.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((node.INSTALLED.parent / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert [
        path for path, package in locked.items() if path and ("resolved" in package or "integrity" not in package)
    ] == []
