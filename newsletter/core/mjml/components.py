"""What MJML allows: its tags, their attributes and where they stand, read once from components.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("components.json")
# In mj-attributes these two give defaults to any tag, so they take the attributes of all.
FOR_ANY = frozenset({"mj-all", "mj-class"})


@dataclass(frozen=True, slots=True)
class Component:
    """A tag of MJML: the types of its attributes by name, its children, and whether it holds HTML or text instead."""

    name: str
    attributes: Mapping[str, frozenset[str]]
    children: frozenset[str]
    parents: frozenset[str]
    ending: bool


@dataclass(frozen=True, slots=True)
class Mjml:
    """All of MJML, as one version of it says."""

    version: str
    colours: frozenset[str]
    components: Mapping[str, Component]


@cache
def mjml() -> Mjml:
    """Return what MJML allows."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    given = data["components"]
    common = {name: frozenset({"string"}) for name in data["everywhere"]}
    own = {tag: {name: frozenset({kind}) for name, kind in each["attributes"].items()} for tag, each in given.items()}
    any_tag: dict[str, frozenset[str]] = {}
    for tag in given["mj-attributes"]["children"]:
        for name, kinds in own[tag].items():
            any_tag[name] = any_tag.get(name, frozenset()) | kinds
    components = {
        tag: Component(
            name=tag,
            attributes={**(any_tag if tag in FOR_ANY else {}), **own[tag], **common},
            children=frozenset(each["children"]),
            parents=frozenset(parent for parent, other in given.items() if tag in other["children"]),
            ending=each["ending"],
        )
        for tag, each in given.items()
    }
    return Mjml(data["version"], frozenset(data["colors"]), components)
