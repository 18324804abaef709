"""Every kind of block, and every text in it, is among the golden cases: alone, in pairs, short, long and hostile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise, product
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from newsletter.core.blocks import Block
from newsletter.core.forms import Form
from newsletter.core.only import Conditional
from newsletter.core.render.charts import missing
from newsletter.core.source import read
from tests.golden import pairs
from tests.golden.cases import cases

FOLDERS = {folder.name: folder for folder in cases()}
MODELS: dict[str, type[BaseModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Block)[0])
}
# What has broken a newsletter somewhere; an address holds its own, and MJML is checked before it is rendered.
DANGEROUS = (
    *(
        "<b>",
        "</p></td></table></mj-text>",
        "<mj-raw>",
        "<script>",
        "<!--",
        "-->",
        "]]>",
        "<![endif]-->",
        '"',
        "'",
        "&",
    ),
    *(
        "&#60;",
        "\\",
        "\\n",
        "\\u{a0}",
        "{% raw %}",
        "{# x #}",
        "mergefield000z",
        "{{ subscriber.first_name",
        "*a*",
        "`",
    ),
    *("\u00a0", "\u200b", "\u200d", "\ufe0f", "\u202e", "\u3000", "e\u0301", "漢字"),
)
IN_ADDRESSES = ("&", "%22", "%3E", "'", "(")
IN_MJML = ("&quot;", "&lt;", "\\", "'", "{% raw %}", "{# x #}", "mergefield000z", "{{ subscriber.", "\u200d", "\u202e")
# Of some keys that may be left out, one must be there.
ONE_OF = {"raw": {"text"}, "figure": {"alt"}, "chart": {"values"}}
LONG = ("x" * 300, "\u200d")


def dangerous(kind: str, key: str) -> Sequence[str]:
    """Return what a text of a block has to hold to be hostile."""
    if key == "mjml":
        return IN_MJML
    if key.endswith("url"):
        return IN_ADDRESSES
    return [each for each in DANGEROUS if not (is_drawn(kind, key) and ("{{" in each or missing(each)))]


def is_drawn(kind: str, key: str) -> bool:
    """Tell whether a text becomes part of a picture, in a font without every letter and the same for everybody."""
    return kind == "chart" and key in {"labels", "series.name", "unit"}


def blocks(case: str) -> list[Mapping[str, Any]]:
    data = read((FOLDERS[case] / "issue.yaml").read_bytes(), case).data
    assert isinstance(data, dict)
    found: Any = data["blocks"]
    return list(found)


def texts(model: type[BaseModel], data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text that a model may hold, by its key, and what the data has there: nothing, if it has nothing."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        if name not in Conditional.model_fields and Form.NONE not in field.metadata:
            yield from _texts(key, field.annotation, data.get(key, ""))


def _texts(key: str, kind: Any, value: Any) -> Iterator[tuple[str, str]]:
    if Form.NONE in get_args(kind):
        return
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from ((f"{key}.{inner}", text) for inner, text in texts(kind, value or {}))
    elif kind is str:
        yield key, value
    elif get_origin(kind) is tuple:
        for each in value or [""]:
            yield from _texts(key, get_args(kind)[0], each)
    elif kind not in {bool, date, type(None)}:
        for each in get_args(kind):  # Annotated and unions; a literal has no texts
            yield from () if isinstance(each, str) else _texts(key, each, value)


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_has_a_case_of_its_own_with_all_of_its_keys_and_with_as_few_as_it_can_have(kind: str) -> None:
    alone = [block for block in blocks(f"block-{kind}") if block["kind"] == kind]
    assert len(alone) >= 2 or not optional(kind)
    used = [{key for key, text in texts(MODELS[kind], block) if text} for block in alone]
    may = {key for key, _ in texts(MODELS[kind], alone[0])}
    assert set().union(*used) == may
    assert min(map(len, used)) < len(may) or not optional(kind)


def optional(kind: str) -> bool:
    fields = MODELS[kind].model_fields
    return any(not fields[name].is_required() for name in fields.keys() - Conditional.model_fields.keys())


@pytest.mark.parametrize("kind", MODELS)
def test_every_text_of_every_kind_is_hostile_somewhere(kind: str) -> None:
    harmless = {
        (key, each) for key, text in told("blocks-hostile", kind) for each in dangerous(kind, key) if each not in text
    }
    assert harmless == set()


@pytest.mark.parametrize("kind", MODELS)
def test_every_text_of_every_kind_is_very_long_somewhere(kind: str) -> None:
    bearable = {
        (key, each)
        for key, text in told("blocks-long", kind)
        for each in LONG[: 1 if key.endswith("url") or is_drawn(kind, key) else None]
        if each not in text
    }
    assert bearable == set()


def test_every_kind_is_as_short_as_it_can_be_somewhere() -> None:
    shortest = {block["kind"]: block for block in blocks("blocks-short")}
    assert shortest.keys() == MODELS.keys()
    for kind, block in shortest.items():
        must = {field.alias or name for name, field in MODELS[kind].model_fields.items() if field.is_required()}
        assert block.keys() - {"kind"} == must - {"kind"} | ONE_OF.get(kind, set())
        lengths = [len(text) for key, text in texts(MODELS[kind], block) if key != "mjml" and not key.endswith("url")]
        assert max(lengths, default=0) <= 1


def test_every_pair_of_kinds_stands_together_once() -> None:
    assert pairs.ISSUE.read_text(encoding="utf-8") == pairs.issue(), "run `make golden`"
    walked = [block["kind"] for block in blocks("pairs")]
    assert Counter(pairwise(walked)) == Counter(product(MODELS, repeat=2)), "add the kind to blocks-short"


def told(case: str, kind: str) -> list[tuple[str, str]]:
    """Return the texts of a kind in a case."""
    found = [text for block in blocks(case) if block["kind"] == kind for text in texts(MODELS[kind], block)]
    assert found, f"add a block of kind {kind} to {case}"
    return found
