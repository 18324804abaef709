"""Inline templates: plain `{{name}}` substitution, and nothing else of Handlebars."""

import re
from typing import Any, Final, TypeAlias

import orjson

from tests.doubles.errors import bad_request
from tests.doubles.shape import Members, text

MAX_DATA: Final = 262_144
_PLACEHOLDER: Final = re.compile(r"\{\{([A-Za-z][A-Za-z0-9]*)\}\}(?!\})")
_PARTS: Final = ("Subject", "Text", "Html")

Data: TypeAlias = dict[str, Any]


class InlineTemplate:
    """The TemplateContent of a call, checked once and then filled per entry."""

    def __init__(self, content: Members) -> None:
        self.parts = {part: text(content, part) for part in _PARTS}
        if not self.parts["Subject"] or not (self.parts["Text"] or self.parts["Html"]):
            raise bad_request("A template needs a Subject and a Text or an Html part.")
        self.names: set[str] = set()
        for content_text in self.parts.values():
            self.names |= _names_in(content_text)

    def missing(self, data: Data) -> list[str]:
        return sorted(self.names.difference(data))

    def subject(self, data: Data) -> str:
        return _filled(self.parts["Subject"], data)

    def filled(self, data: Data) -> dict[str, str]:
        return {part: _filled(content, data) for part, content in self.parts.items()}


def data_of(members: Members, name: str) -> Data:
    """Read template data: a JSON object in a string."""
    written = text(members, name)
    if len(written) > MAX_DATA:
        raise bad_request(f"{name} is longer than {MAX_DATA} characters.")
    try:
        data = orjson.loads(written or "{}")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise bad_request(f"{name} must be a JSON object.")
    return data


def merged(defaults: Data, own: Data) -> Data:
    """Merge per key, objects into objects; lists and plain values are replaced as a whole."""
    result = dict(defaults)
    for key, value in own.items():
        before = result.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            result[key] = merged(before, value)
        else:
            result[key] = value
    return result


def _names_in(content: str) -> set[str]:
    found = list(_PLACEHOLDER.finditer(content))
    escaped = any(content[one.start() - 1] in "{\\" for one in found if one.start())
    if escaped or len(found) != content.count("{{"):
        raise bad_request("Template contains unsupported operations.")
    return {one[1] for one in found}


def _filled(content: str, data: Data) -> str:
    return _PLACEHOLDER.sub(lambda found: str(data.get(found[1], "")), content)
