"""Facts about a reader that decide what they see: a tag they have, or what a name or a field of theirs says.

A tag is called by its bare name, another fact as an expression writes it: `us`, `field.city = Bath`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import assert_never

from newsletter.core.audience.holding import says, words_of
from newsletter.core.audience.lexing import FlawedExpression
from newsletter.core.audience.parsing import parse
from newsletter.core.audience.spelling import spellings
from newsletter.core.audience.terms import (
    AllOf,
    AnyOf,
    Did,
    Everybody,
    Expression,
    Got,
    How,
    Known,
    Lately,
    Not,
    Says,
    Stands,
    Tag,
    Term,
    Time,
    When,
    terms,
)
from newsletter.core.audience.writing import written
from newsletter.core.subscriber import Addressed

Readers = frozenset[str]  # those facts that hold for a reader, of all that the issue asks for

_Words = Says | Known


def facts(expression: Expression) -> Readers:
    """Return the facts that an expression asks for.

    Raises:
        ValueError: it asks for something that nobody knows when a message is written.
    """
    return frozenset(fact for term in terms(expression) if (fact := _fact(term)))


def met(expression: Expression, readers: Readers) -> bool:
    """Tell whether readers for whom these facts hold belong to an expression."""
    match expression:
        case Not(of):
            return not met(of, readers)
        case AllOf(of):
            return all(met(each, readers) for each in of)
        case AnyOf(of):
            return any(met(each, readers) for each in of)
        case Everybody():
            return True
        case _:
            return (_fact(expression) in readers) is not _denies(expression)


def reading(asked: Readers) -> Callable[[Addressed], Readers]:
    """Return what tells for a subscriber which of the facts asked for hold."""
    if not asked:
        return lambda _: asked
    said = {fact: words for fact in asked if (words := words_in(fact))}
    tags = asked - said.keys()
    if not said:
        return lambda subscriber: subscriber.tags & tags
    return lambda subscriber: (subscriber.tags & tags).union(
        fact for fact, words in said.items() if _holds(words, subscriber)
    )


@lru_cache(maxsize=1_000)
def words_in(fact: str) -> _Words | None:
    """Return what a fact says of a name or a field; None for a tag."""
    try:
        term = parse(fact)
    except FlawedExpression:
        return None
    if not isinstance(term, Says | Known) or term.subject in set(Time):
        return None
    return term if written(term) == fact and not _denies(term) else None


def combined(asked: Readers) -> Iterator[Readers]:
    """Yield every combination of facts that can hold for one reader, the fewest first."""
    every = (frozenset(chosen) for count in range(len(asked) + 1) for chosen in combinations(sorted(asked), count))
    if not any(map(words_in, asked)):
        return every
    return (readers for readers in every if _possible(readers, asked))


def label(readers: Iterable[Readers], asked: Readers) -> str:
    """Return in words who sees a variant; `asked` are all facts that the issue asks for.

    Of combinations that contain each other the smaller one is named, for the rest makes no difference.
    """
    known = set(readers)
    if frozenset() in known:
        return _none_of(asked) if len(known) == 1 else "all others"
    smallest = [each for each in known if not any(other < each for other in known)]
    return " or ".join(" and ".join(names) for names in sorted(map(sorted, smallest)))


def _none_of(asked: Readers) -> str:
    names = sorted(asked)
    if len(names) < 2:
        return f"not {names[0]}" if names else "everybody"
    return f"neither {' nor '.join(names)}"


def _fact(term: Term) -> str:
    """Return the fact that a term asserts or denies; none where it asks for nothing.

    Raises:
        ValueError: nobody knows it when a message is written.
    """
    match term:
        case Everybody():
            return ""
        case Tag(name):
            if words_in(name):
                raise ValueError(
                    f"the tag {name!r} reads like a fact about a name or field; call the tag something else"
                )
            return name
        case Says(subject, how, words):
            return written(Says(subject, How.CONTAINS if how is How.CONTAINS else How.IS, words))
        case Known(subject, _) if subject not in set(Time):
            return written(Known(subject))
        case Known() | When() | Lately() | Stands() | Got() | Did():
            said = f"`{written(term)}` is not known of a reader when a message is written"
            raise ValueError(f"{said}; ask for tags, names and fields, and for the rest in `send --to`")
        case _:
            assert_never(term)


def _denies(term: Term) -> bool:
    return (isinstance(term, Says) and term.how is How.IS_NOT) or (isinstance(term, Known) and not term.known)


def _holds(words: _Words, subscriber: Addressed) -> bool:
    if isinstance(words, Says):
        return says(subscriber, words.subject, words.how, words.words)
    return bool(words_of(subscriber, words.subject))


def _possible(readers: Readers, asked: Readers) -> bool:
    """Tell whether these facts, and no other asked for, can hold for one reader: nobody is from Bath and from York."""
    there = [words for fact in readers if (words := words_in(fact))]
    exact = [each for each in there if isinstance(each, Says) and each.how is How.IS]
    clash = any(
        one.subject == other.subject and spellings(one.words).isdisjoint(spellings(other.words))
        for one, other in combinations(exact, 2)
    )
    missing = asked - readers
    return not clash and not any(written(Known(each.subject)) in missing for each in there)
