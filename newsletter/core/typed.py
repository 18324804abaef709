"""Plain data becomes typed values here, and what does not fit becomes problems in the editor's words."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from newsletter.core.source import Document, Problem
from newsletter.core.tree import Path, Value
from newsletter.errors import InvalidSource

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A value from a file: frozen, and without keys that nobody reads."""

    # Validators are made with a model's first value: most models are parts of others, and made as these.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def validated(model: type[Model], document: Document, context: object = None) -> Model:
    """Return the document as a value of `model`; `context` is what its validators find as such.

    Raises:
        InvalidSource: with every problem, in the order of the file.
    """
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as err:
        problems = [_problem(model, document, error) for error in err.errors(include_url=False) if not _echo(error)]
        raise InvalidSource(sorted(problems, key=lambda problem: problem.mark)) from err


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the likeliest known word, or all of them."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(words)}"


def _problem(model: type[BaseModel], document: Document, error: ErrorDetails) -> Problem:
    path = _path_in(document.data, error["loc"])
    message, hint = _words(model, error, path)
    return document.problem(path, message, hint)


def _echo(error: ErrorDetails) -> bool:
    """Tell whether an error only repeats others: a list counts as too short when none of its items fits."""
    return error["type"] == "too_short" and bool(error["input"])


def _words(  # noqa: C901, PLR0911, PLR0912 - a table, one line per row
    model: type[BaseModel], error: ErrorDetails, path: Path
) -> tuple[str, str]:
    """Translate pydantic's error types; whatever is not in the table keeps pydantic's own sentence."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    shown = repr(given if len(str(given)) <= 60 else f"{str(given)[:60]}...")
    match kind:
        case "extra_forbidden":
            models = _models_at(model, error["loc"][:-1])
            known = {field.alias or name for each in models for name, field in each.model_fields.items()}
            return "is not a key here", did_you_mean(str(path[-1]), known)
        case "missing":
            return "is missing", "add it"
        case "union_tag_invalid" if isinstance(given, dict) and isinstance(given.get("kind"), str):
            tags = [tag.strip().strip("'") for tag in str(context["expected_tags"]).split(",")]
            return f"{context['tag']!r} is not a kind of block", did_you_mean(str(context["tag"]), tags)
        case "union_tag_not_found" | "union_tag_invalid":
            return "has no kind", "say which kind of block it is, for instance `kind: feature`"
        case "literal_error" | "enum" if given is not None:
            return f"{shown} is not possible here", f"use {context['expected']}"
        case "value_error":
            said, _, hint = str(context["error"]).partition("; ")
            return said, hint
        case _ if given is None and not error["loc"]:
            return "is empty", "write `key: value` lines into it"
        case _ if given is None:
            return "is empty", "write something or delete the key"
        case "string_type":
            return "must be text", "quote it, or use `|` for several lines"
        case "string_too_short" | "too_short":
            return "is empty", "write something or delete the key"
        case "list_type" | "tuple_type":
            return "must be a list", "begin each item with `- `"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "must hold keys and values", "write `key: value` lines below it"
        case "string_pattern_mismatch":
            return f"{shown} is not possible here", _described(model, error["loc"])
        case "greater_than_equal":
            return f"{shown} is too small", f"begin at {context['ge']}"
        case _ if kind.startswith("date"):
            return f"{shown} is not a date", "write it like 2025-09-28"
        case _ if kind.startswith("int"):
            return f"{shown} is not a whole number", "write digits only"
        case _:
            return error["msg"], ""


def _described(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    """Return what the description of a field says about it."""
    fields = [each.model_fields[loc[-1]] for each in _models_at(model, loc[:-1]) if loc[-1] in each.model_fields]
    return next((field.description for field in fields if field.description), "")


def _path_in(data: Value, loc: Iterable[str | int]) -> Path:
    """Return the part of pydantic's location that exists in the file: tags of unions are not in it.

    A missing or unknown key is the last part and stays.
    """
    path: list[str | int] = []
    parts = list(loc)
    here: Value = data
    for index, part in enumerate(parts):
        if below := _below(here, part):
            here = below[0]
        elif index < len(parts) - 1 or (isinstance(here, dict) and here.get("kind") == part):
            continue
        path.append(part)
    return tuple(path)


def _below(value: Value, part: str | int) -> list[Value]:
    """Return what a part of a path leads to, as a list of one, or an empty list."""
    if isinstance(value, dict) and isinstance(part, str):
        return [value[part]] if part in value else []
    if isinstance(value, list) and isinstance(part, int):
        return value[part : part + 1]
    return []


def _models_at(model: type[BaseModel], loc: Iterable[str | int]) -> set[type[BaseModel]]:
    """Return the models that may stand at a location: fields lead down, a union's tag chooses among kinds."""
    models: set[type[BaseModel]] = {model}
    for part in loc:
        if isinstance(part, int):
            continue
        below = {inner for each in models if part in each.model_fields for inner in models_in(each.model_fields[part])}
        models = below or {each for each in models if kind_of(each) == part} or models
    return models


def models_in(field: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that a field or an annotation names."""
    annotation = getattr(field, "annotation", field)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def kind_of(model: type[BaseModel]) -> str | None:
    """Return the kind of block that a model is for, None when it is not for one."""
    field = model.model_fields.get("kind")
    options = typing.get_args(field.annotation) if field else ()
    return str(options[0]) if options else None
