"""Finished text with slots as an inline template of SES: slots, and braces that look like one, become variables.

SES documents "simple substitutions" for inline templates, and no way to write a brace as it is. So the text has two
braces together in placeholders alone; others are variables too, whose values are those braces. Values are not rendered
again. A backslash or a brace beside a placeholder would escape it or make it another one (Handlebars), so those are
variables as well. A lone brace, as CSS is full of, means nothing to any engine and stays.

https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from newsletter.core.merge import Context, Field
from newsletter.core.slots import Slot, Template

_RUN = re.compile(r"[\\{}\0]+")
_UNSAFE = re.compile(r"\{\{|\}\}|\0")  # Handlebars stops at a NUL


class Variables:
    """Names the variables of one template; the same value has one name, wherever it stands.

    Names are a letter and digits: SES refuses others, snake_case too (https://github.com/aws/aws-sdk-js-v3/issues/6657).
    """

    def __init__(self, *, plain_links: bool) -> None:
        """Begin without any. `plain_links`: no link has a character that HTML escapes, so text and HTML share them."""
        self._plain_links = plain_links
        self._slots: dict[Slot, str] = {}
        self._runs: dict[str, str] = {}

    def template(self, text: Template) -> str:
        """Return a text as a template, its lines ended by LF."""
        parts = []
        for index, segment in enumerate(text.segments):
            if index:
                parts.append(placeholder(self._slot(text.slots[index - 1])))
            parts.append(self._fixed(segment, after_slot=index > 0, before_slot=index < len(text.slots)))
        return "".join(parts)

    @property
    def slots(self) -> Mapping[Field, Mapping[str, Context]]:
        """Return what differs by recipient: each field, the variables that show it, and how each is escaped."""
        found: dict[Field, dict[str, Context]] = {}
        for slot, name in self._slots.items():
            found.setdefault(slot.field, {})[name] = slot.context
        return found

    @property
    def braces(self) -> Mapping[str, str]:
        """Return the variables that are the same for all, with their values."""
        return {name: run for run, name in self._runs.items()}

    def _slot(self, slot: Slot) -> str:
        context = slot.context
        if context is Context.ATTRIBUTE or (context is Context.TEXT and slot.field.of == "links" and self._plain_links):
            context = Context.HTML
        field = replace(slot.field, default=_lines(slot.field.default))
        return self._slots.setdefault(Slot(field, context), f"v{len(self._slots)}")

    def _fixed(self, text: str, *, after_slot: bool, before_slot: bool) -> str:
        text = _lines(text)

        def safe(match: re.Match[str]) -> str:
            run = match[0]
            touches = (after_slot and match.start() == 0) or (before_slot and match.end() == len(text))
            if not touches and not _UNSAFE.search(run):
                return run
            return placeholder(self._runs.setdefault(run, f"b{len(self._runs)}"))

        return _RUN.sub(safe, text)


def placeholder(name: str) -> str:
    """Return what stands in a template for the value of a variable."""
    return "{{" + name + "}}"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
