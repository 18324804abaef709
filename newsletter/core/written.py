"""What an editor writes in one place, as a typed value: a text, a line, a day, true or false, a list of some length."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from newsletter.core.forms import Form
from newsletter.core.tree import Value

Items = TypeVar("Items", bound=tuple[object, ...])


def _one_line(text: str) -> str:
    if "\n" in text.strip():
        raise ValueError("must be one line; join the lines")
    return text.strip()


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write something or delete the key")
    return text


def _written_day(text: Value) -> Value:
    # A bare number would pass as seconds since 1970, and a time of day would be cut off.
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{text[:60]!r} is not a date; write it like 2025-09-28")
    return text


def _truth(text: Value) -> Value:
    if isinstance(text, str) and text not in {"true", "false"}:
        raise ValueError(f"{text[:60]!r} is not possible here; use true or false")
    return text


def digits(most: int) -> BeforeValidator:
    """Take numbers written in so many digits at most, and in no other way that Python would read."""

    def check(text: Value) -> Value:
        if isinstance(text, str) and not re.fullmatch(f"[0-9]{{1,{most}}}", text):
            raise ValueError(f"{text[:60]!r} is not a whole number; write digits only")
        return text

    return BeforeValidator(check)


def sized(least: int, most: int, *, what: str) -> AfterValidator:
    """Bound the length of a list; pydantic's own bounds say nothing about what to do."""

    def check(items: Items) -> Items:
        if not least <= len(items) <= most:
            raise ValueError(f"has {len(items)} {what}{'' if len(items) == 1 else 's'}; give {least} to {most}")
        return items

    return AfterValidator(check)


Words = Annotated[str, Field(min_length=1)]
Text = Annotated[Words, AfterValidator(_not_blank)]
Line = Annotated[Text, AfterValidator(_one_line)]
OptionalLine = Annotated[str, AfterValidator(_one_line)]  # a line that may be left out
Markdown = Annotated[Text, Form.MARKDOWN]
OptionalMarkdown = Annotated[str, Form.MARKDOWN]
Mjml = Annotated[Text, Form.MJML]
Day = Annotated[date, BeforeValidator(_written_day)]
Number = Annotated[int, digits(15)]
Truth = Annotated[bool, BeforeValidator(_truth)]
