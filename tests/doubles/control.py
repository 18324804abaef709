"""The paths below /_double/: script faults, change settings, read what was accepted."""

import dataclasses
import json
from typing import Any, Final
from urllib.parse import parse_qs

from tests.doubles.errors import Refusal, bad_request
from tests.doubles.faults import Script
from tests.doubles.wire import Request
from tests.doubles.world import World

PREFIX: Final = "/_double/"
_PAGE: Final = 1000


def control(request: Request, world: World) -> dict[str, Any]:
    """Answer one control request; these need no signature."""
    try:
        return _answered(request, world)
    except (KeyError, TypeError, ValueError) as problem:
        raise bad_request(f"The request is malformed: {problem!r}") from None


def _answered(request: Request, world: World) -> dict[str, Any]:
    match request.method, request.target.removeprefix(PREFIX):
        case "GET", "accepted":
            return _page(request, world.ledger.accepted)
        case "GET", "calls":
            return _page(request, world.ledger.calls)
        case "GET", "events":
            world.events.publish(world.ledger.accepted, world.now())
            return _page(request, world.events.published)
        case "GET", "counts":
            return dict(world.ledger.counts)
        case "POST", "script":
            world.script = Script(_rules(json.loads(request.body)))
        case "POST", "configure":
            world.configure(json.loads(request.body))
        case "POST", "reset":
            world.reset()
        case _:
            raise Refusal("UnknownOperationException", f"There is no {request.method} {request.target}.")
    return {}


def _rules(rules: Any) -> list[dict[str, Any]]:
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise bad_request("A script is a list of rules.")
    return rules


def _page(request: Request, rows: list[Any]) -> dict[str, Any]:
    query = parse_qs(request.query)
    offset = int(query.get("offset", ["0"])[0])
    end = offset + int(query.get("limit", [str(_PAGE)])[0])
    items = [row if isinstance(row, dict) else dataclasses.asdict(row) for row in rows[offset:end]]
    return {"items": items, "next": end if end < len(rows) else None, "total": len(rows)}
