"""Typed reading of the members of a JSON request body."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from tests.doubles.errors import Refusal

Members: TypeAlias = Mapping[str, Any]


def parsed(body: bytes) -> Members:
    """Return a JSON object; anything else is a SerializationException."""
    try:
        value = orjson.loads(body)
    except ValueError:
        raise Refusal("SerializationException", "Unable to parse the request body as JSON.") from None
    if not isinstance(value, dict):
        raise _wrong("the request body", "an object")
    return value


def text(members: Members, name: str) -> str:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "a string")
    return value or ""


def inner(members: Members, name: str) -> Members:
    value = members.get(name)
    if value is not None and not isinstance(value, dict):
        raise _wrong(name, "an object")
    return value or {}


def texts(members: Members, name: str) -> list[str]:
    value = members.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(name, "a list of strings")
    return value


def inners(members: Members, name: str) -> list[Members]:
    value = members.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _wrong(name, "a list of objects")
    return value


def pairs(members: Members, name: str) -> list[tuple[str, str]]:
    """Read the `[{Name, Value}]` that tags and headers come as."""
    return [(text(item, "Name"), text(item, "Value")) for item in inners(members, name)]


def _wrong(name: str, kind: str) -> Refusal:
    return Refusal("SerializationException", f"{name} must be {kind}.")
