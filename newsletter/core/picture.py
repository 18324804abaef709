"""A picture as the editor writes it: a file in issues/, and what it says to those who do not see it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from newsletter.core.forms import Form
from newsletter.core.typed import Strict
from newsletter.core.written import Line, OptionalLine, Truth


def _beside_the_issues(src: str) -> str:
    if re.match(r"https?:|//", src, re.IGNORECASE):
        raise ValueError("is an address; save the picture beside the issue, in issues/, and write its file name")
    if re.match(r"[a-z][a-z0-9+.-]*:|[/~]", src, re.IGNORECASE):
        raise ValueError("is not a file in issues/; write its path from there, like depot.jpg or winter/depot.jpg")
    if "\\" in src:
        raise ValueError("holds a backslash; write / between folders")
    if ".." in src.split("/"):
        raise ValueError("leads out of issues/; put the picture there")
    if not src.isprintable():
        raise ValueError("holds a character that cannot be seen; rename the file")
    return src


PictureFile = Annotated[Line, Form.NONE, AfterValidator(_beside_the_issues)]


class Picture(Strict):
    """A picture. It says in words what it shows, or that it is decorative and nothing would be missed."""

    src: PictureFile
    decorative: Truth = False
    alt: OptionalLine = Field("", validate_default=True)

    @field_validator("alt")
    @classmethod
    def _says_what_it_shows(cls, alt: str, others: ValidationInfo) -> str:
        decorative = others.data.get("decorative")
        if decorative is False and not alt:
            raise ValueError("is missing; say in words what the picture shows, or write `decorative: true`")
        if decorative and alt:
            raise ValueError("stands beside `decorative: true`; keep one of them")
        return alt


class Logo(Strict):
    """The publication's name as a picture."""

    src: PictureFile = Field(description="a picture in issues/")
    alt: OptionalLine = Field("", description="what it reads as; by default the publication's name")
