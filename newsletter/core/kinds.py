"""The kinds of block that a layout adds: files in its blocks/, and the models that issues are read with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from newsletter.core.blocks import KINDS, Own
from newsletter.core.schema import HOLDINGS, Key, parse_schema
from newsletter.core.source import Mark, Problem, read
from newsletter.core.tree import Value
from newsletter.core.typed import Strict
from newsletter.errors import InvalidSource

SCHEMA = ".schema.yaml"
MJML, TXT = ".mjml.j2", ".txt.j2"
MAX_LENGTH = 20_000  # characters of a schema; ten times one with every key that it may have

_FILE = re.compile(rf"blocks/([^_/][^/]*?)({re.escape(MJML)}|{re.escape(TXT)}|{re.escape(SCHEMA)})")
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of block that a layout adds, and the model of its blocks; without a schema it has no keys."""

    name: str
    model: type[Own]
    keys: tuple[Key, ...] = ()


class _Keyless(Own):
    """A block of a kind without a schema."""

    @model_validator(mode="before")
    @classmethod
    def _has_no_keys(cls, data: Value) -> Value:
        extra = [key for key in data if key not in cls.model_fields] if isinstance(data, dict) else []
        if extra:
            raise ValidationError.from_exception_data(
                cls.__name__, [_without_schema(cls.__name__, key) for key in extra]
            )
        return data


class _Unread(Own):
    """A block of a kind whose schema has problems of its own: whatever it holds."""

    model_config = ConfigDict(extra="ignore")


def files_of(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and ending of the files that belong to a kind of block; those that begin with _ are shared pieces."""
    for name in names:
        if match := _FILE.fullmatch(name):
            yield match[1], match[2]


def is_name(kind: str) -> bool:
    """Tell whether a kind of block can have this name."""
    return _KIND.fullmatch(kind) is not None


def own_kinds(layout: str, files: Mapping[str, str]) -> tuple[Mapping[str, Kind], Sequence[Problem]]:
    """Return the kinds that a layout adds, by name, and what is wrong with their schemas.

    A kind whose schema is wrong is there, with a model that takes anything.
    """
    kinds, problems = dict[str, Kind](), list[Problem]()
    for name in sorted({name for name, _ in files_of(files)}):
        file = f"blocks/{name}{SCHEMA}"
        if name in KINDS and file in files:
            said = f"{name!r} is a kind that is built in, and has its keys"
            hint = "delete the file; the templates of a built-in kind can be changed without it"
            problems.append(Problem(f"layouts/{layout}/{file}", Mark(1, 1), "", said, hint))
        if name in KINDS or not is_name(name):
            continue
        try:
            kinds[name] = _kind(name, files.get(file), f"layouts/{layout}/{file}")
        except InvalidSource as err:
            problems += err.problems
            kinds[name] = Kind(name, _model(name, (), _Unread))
    return kinds, problems


@lru_cache(maxsize=100)  # a preview reads a layout at every save, and seldom another schema
def _kind(name: str, schema: str | None, file: str) -> Kind:
    if schema is None:
        return Kind(name, _model(name, (), _Keyless))
    if len(schema) > MAX_LENGTH:
        said = f"the schema has {len(schema):,} characters, more than {MAX_LENGTH:,}"
        raise InvalidSource([Problem(file, Mark(1, 1), "", said, "shorten it")])
    keys = parse_schema(read(schema.encode(), file))
    return Kind(name, _model(name, keys, Own), keys)


def _model(kind: str, keys: Sequence[Key], base: type[Own]) -> type[Own]:
    fields: dict[str, Any] = {"kind": (Literal[kind], ...), **_fields(keys)}
    return create_model(kind, __base__=base, **fields)


def _fields(keys: Sequence[Key]) -> dict[str, Any]:
    """Return the keys as `create_model` takes them."""
    return {key.name: _field(key) for key in keys}


def _field(key: Key) -> tuple[Any, Any]:
    must, may, absent = _types(key)
    if key.many:
        items = Annotated[tuple[must, ...], Field(min_length=1)]  # type: ignore[valid-type]  # made here
        return (items, ()) if key.optional else (items, ...)
    return (may, absent) if key.optional else (must, ...)


def _types(key: Key) -> tuple[Any, Any, Any]:
    """Return the type of one value, its type when it may be left out, and what then stands in for it."""
    if key.keys:
        group = create_model(key.name, __base__=Strict, **_fields(key.keys))
        return group, group | None, None
    if key.choices:
        choices = Literal[key.choices]  # type: ignore[name-defined]  # likewise
        return choices, choices, ""
    held = HOLDINGS[key.word]
    return held.must, held.may, held.absent


def _without_schema(kind: str, key: str) -> InitErrorDetails:
    said = ValueError(f"is not a key here; {kind!r} has none until blocks/{kind}{SCHEMA} says `{key[:40]}: line`")
    return {"type": PydanticCustomError("value_error", "{error}", {"error": said}), "loc": (key,), "input": key}
