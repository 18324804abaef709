"""A build as bytes that can be kept, and the build that they were: what was sent can be shown and sent again."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import date
from typing import Any

from newsletter.core.assets import Asset
from newsletter.core.build import Build, Variant
from newsletter.core.merge import Field, Tokens


def packed(build: Build) -> bytes:
    """Return a build as JSON, its pictures in base64."""
    about = {
        "issue": build.issue,
        "day": build.day.isoformat(),
        "subject": build.subject,
        "preheader": build.preheader,
        "html": build.html,
        "text": build.text,
        "facts": sorted(build.facts),
        "fields": {token: [each.of, each.name, each.default] for token, each in build.tokens.fields.items()},
        "others": [
            {"html": each.html, "text": each.text, "readers": sorted(map(sorted, each.readers))}
            for each in build.others
        ],
        "pictures": [
            {
                "media_type": each.media_type,
                "width": each.width,
                "height": each.height,
                "data": b64encode(each.data).decode("ascii"),
            }
            for each in build.assets
        ],
    }
    return json.dumps(about, ensure_ascii=False).encode()


def unpacked(data: bytes) -> Build:
    """Return the build of such JSON.

    Raises:
        ValueError: it is none.
    """
    try:
        return _build(json.loads(data))
    except (ValueError, LookupError, TypeError, AttributeError) as err:
        raise ValueError("not a build") from err


def _build(about: Any) -> Build:
    return Build(
        issue=about["issue"],
        day=date.fromisoformat(about["day"]),
        subject=about["subject"],
        preheader=about["preheader"],
        html=about["html"],
        text=about["text"],
        tokens=Tokens.kept({token: Field(*parts) for token, parts in about["fields"].items()}),
        others=tuple(
            Variant(each["html"], each["text"], frozenset(map(frozenset, each["readers"]))) for each in about["others"]
        ),
        facts=frozenset(about["facts"]),
        assets=tuple(Asset(**{**each, "data": b64decode(each["data"])}) for each in about["pictures"]),
    )
