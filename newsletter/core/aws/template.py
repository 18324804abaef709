"""A design of what a publication needs at Amazon, and the CloudFormation template that it becomes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newsletter.core.aws import assets, events, unsubscribe
from newsletter.core.publication import Publication
from newsletter.errors import BadInput

# What the names of all the services allow, and short enough for what is put behind it: 63 characters in all.
NAME: Final = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Design:
    """What is wanted. `name` begins the names of everything; the function and the bucket are there if asked for."""

    name: str
    unsubscribe: bool = False
    assets: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that Amazon would refuse half-way."""
        if len(self.name) > LONGEST_NAME or not re.fullmatch(NAME, self.name):
            hint = f"use up to {LONGEST_NAME} small letters, digits and single hyphens, a letter first: --name v2g-news"
            raise BadInput(f"{self.name!r} cannot begin the names of what is made at Amazon", hint=hint)


def name_for(publication: Publication) -> str:
    """Return the name that a publication's things at Amazon begin with, unless the editor gives another."""
    words = re.sub(r"[^a-z0-9]+", "-", publication.name.lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", words)[:LONGEST_NAME].strip("-") or "newsletter"


def bucket_for(design: Design, publication: Publication) -> str:
    """Return the name of the bucket: that of publication.yaml, or one that nobody else in the world should have."""
    if publication.assets and publication.assets.bucket:
        return publication.assets.bucket
    return f"{design.name}-assets-{hashlib.sha256(publication.site.encode()).hexdigest()[:8]}"


def template(design: Design, publication: Publication, code: str) -> str:
    """Return the template as YAML; `code` is that of the function. The same design gives the same text."""
    parts = [
        _HEAD,
        unsubscribe.PARAMETERS if design.unsubscribe else "",
        events.RESOURCES,
        assets.RIGHTS if design.assets else "",
        unsubscribe.RESOURCES if design.unsubscribe else "",
        assets.RESOURCES if design.assets else "",
        events.OUTPUTS,
        unsubscribe.OUTPUTS if design.unsubscribe else "",
        assets.OUTPUTS if design.assets else "",
    ]
    return _filled("".join(parts), _values(design, publication, code))


_HEAD: Final = """\
# What this newsletter needs at Amazon Web Services, for CloudFormation. `newsletter aws template` wrote it, and
# `newsletter aws setup` applies it; in the CloudFormation console it can be applied as well ("Create stack").
AWSTemplateFormatVersion: "2010-09-09"
Description: What the newsletter @name@ needs - what becomes of its mail gets into a queue

"""


def _values(design: Design, publication: Publication, code: str) -> Mapping[str, str]:
    tracked = (("OPEN", publication.track.opens), ("CLICK", publication.track.clicks))
    types = [*events.ALWAYS, *(name for name, wish in tracked if wish)]
    return {
        "name": design.name,
        "event_types": ", ".join(events.SPELLED.get(each, each.lower()) for each in types),
        "sender": json.dumps(publication.sender.address),  # a string of JSON is one of YAML
        "bucket": bucket_for(design, publication),
        "archive": json.dumps(publication.archive),
        "code": "\n".join(" " * 10 + line if line else "" for line in code.rstrip().splitlines()),
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"@([a-z_]+)@", lambda match: values[match[1]], text)
