"""The forms of text in a document, as its models tell: CommonMark, MJML, words as they stand, or no text at all."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from newsletter.core.tree import Path, Value
from newsletter.core.typed import kind_of, models_in

Models = tuple[type[BaseModel], ...]


class Form(Enum):
    """How a text is read; the first two mark a type (`core.written`), the others follow from one."""

    MARKDOWN = "CommonMark"
    MJML = "MJML"
    WORDS = "printed as it stands"
    NONE = "a date, a number, a choice: it names something and holds no merge fields"


@dataclass(frozen=True, slots=True)
class _Held:
    """What stands at a key: text of a form, or what these models describe."""

    form: Form = Form.WORDS
    models: Models = ()


def texts(model: type[BaseModel], data: Value) -> Iterator[tuple[Path, str, Form]]:
    """Yield every string of a document with its path and form, in the order of the file.

    What no model knows is words. Of a block whose kind nobody knows, a key is what it is in the first kind that has it.
    """
    return _texts(data, (), _Held(models=(model,)))


def _texts(value: Value, path: Path, held: _Held) -> Iterator[tuple[Path, str, Form]]:
    if isinstance(value, str):
        yield path, value, held.form
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index), held)
    elif isinstance(value, dict):
        models = [each for each in held.models if kind_of(each) in {None, str(value.get("kind"))}] or held.models
        for key, item in value.items():
            below = next((_keys(each)[key] for each in models if key in _keys(each)), _Held())
            yield from _texts(item, (*path, key), below)


@lru_cache(maxsize=200)
def _keys(model: type[BaseModel]) -> Mapping[str, _Held]:
    return {field.alias or name: _held(field) for name, field in model.model_fields.items()}


def _held(field: FieldInfo) -> _Held:
    models, parts = tuple(models_in(field)), [*field.metadata, *_parts(field.annotation)]
    marked = next((part for part in parts if isinstance(part, Form)), None)
    return _Held(marked or (Form.WORDS if models or str in parts else Form.NONE), models)


def _parts(annotation: Any) -> Iterator[object]:
    """Yield the types that an annotation is made of, and their marks."""
    arguments = typing.get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _parts(argument)
