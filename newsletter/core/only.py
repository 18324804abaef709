"""Which readers see which blocks: the key `only`, and the variants of an issue that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from newsletter.core.audience.lexing import FlawedExpression
from newsletter.core.audience.named import asked as read_expression
from newsletter.core.audience.terms import Everybody, Expression, Not, check_tags, tagged
from newsletter.core.facts import Readers, combined, facts, met
from newsletter.core.tree import Value
from newsletter.core.typed import Strict

# Every combination of facts is a variant of its own at worst, and each is rendered and checked.
MOST_FACTS = 5


def _listed(value: Value) -> Value:
    return [value] if isinstance(value, str) else value


def _checked(tags: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(sorted(check_tags(tags)))
    facts(tagged(*found) if found else Everybody())
    return found


Tags = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_checked)]


class Only(Strict):
    """Whom a block is shown to: readers with at least one of some tags, or with none of them, or an audience."""

    tag: Tags = ()
    no_tag: Tags = ()
    _said: Expression | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _one_of_them(self) -> Only:
        if bool(self.tag) == bool(self.no_tag):
            raise ValueError("needs one of two keys; write `tag: us` or `no_tag: us`")
        return self

    @classmethod
    def to(cls, expression: Expression) -> Only:
        """Return what shows a block to an audience.

        Raises:
            ValueError: it asks for what is not known of a reader when a message is written.
        """
        facts(expression)
        only = cls.model_construct()
        only._said = expression  # noqa: SLF001 - pydantic sets no private attribute by itself
        return only

    @property
    def expression(self) -> Expression:
        """Return the audience."""
        return self._said or (tagged(*self.tag) if self.tag else Not(tagged(*self.no_tag)))

    @property
    def facts(self) -> Readers:
        """Return the facts that it asks for."""
        return facts(self.expression)

    def shown_to(self, readers: Readers) -> bool:
        """Tell whether readers for whom these facts hold see the block."""
        return met(self.expression, readers)


def _written(value: Value, others: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Take an expression in place of keys; what validates brings the names of publication.yaml as its context."""
    if not isinstance(value, str):
        return others(value)
    try:
        return Only.to(read_expression(value, info.context or {}))
    except FlawedExpression as flaw:
        raise ValueError(f"{flaw.message}; {flaw.hint}") from flaw


class Conditional(Strict):
    """A block of any kind: it may be for some readers only."""

    only: Annotated[Only | None, WrapValidator(_written)] = None


def asked(blocks: Iterable[Conditional]) -> Readers:
    """Return the facts that decide what a reader sees."""
    return frozenset().union(*(block.only.facts for block in blocks if block.only))


def shown(blocks: Sequence[Conditional], readers: Readers) -> tuple[int, ...]:
    """Return the places of the blocks that readers see."""
    return tuple(place for place, block in enumerate(blocks) if not block.only or block.only.shown_to(readers))


def variants(blocks: Sequence[Conditional]) -> Mapping[tuple[int, ...], frozenset[Readers]]:
    """Return what there is to see, and who sees it; the first is what readers see for whom none of the facts hold."""
    found: dict[tuple[int, ...], set[Readers]] = {}
    for readers in combined(asked(blocks)):
        found.setdefault(shown(blocks, readers), set()).add(readers)
    return {places: frozenset(each) for places, each in found.items()}
