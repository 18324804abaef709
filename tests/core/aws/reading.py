"""A template, read as CloudFormation reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cfnlint.decode import decode_str

from newsletter.core.aws.template import Design, template
from newsletter.web.inline import function_code
from newsletter.web.public.pages import Pages
from tests.core.examples import publication

ALL = Design("v2g-news", unsubscribe=True, assets=True)


def written(design: Design = ALL, **changes: Any) -> str:
    about = publication(**changes)
    return template(design, about, function_code(Pages(about, {})))


def read(text: str) -> Mapping[str, Any]:
    """Return a template as CloudFormation reads it."""
    data, wrong = decode_str(text)
    assert not wrong
    return json.loads(json.dumps(data))  # type: ignore[no-any-return]


def resources(design: Design = ALL, **changes: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read(written(design, **changes))["Resources"]
    return found
