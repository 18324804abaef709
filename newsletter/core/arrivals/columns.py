"""A header becomes columns that mean something, by the format it is recognised as and by what the editor says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from newsletter.core.address import valid_address
from newsletter.core.arrivals.cells import plain
from newsletter.core.arrivals.formats import ANY, KNOWN, OWN, field_name
from newsletter.core.arrivals.meaning import IMPORTED, PLAIN_WORDS, SYNONYMS, Format, Meaning, Rule
from newsletter.core.arrivals.text import Sheet
from newsletter.core.formulas import unguarded
from newsletter.core.source import Problem
from newsletter.core.typed import did_you_mean
from newsletter.errors import BadInput, InvalidSource

AUTO: Final = "auto"
_SHOWN: Final = 40  # characters of a column's name: what is no list may have its whole first line there
SAMPLE: Final = 20  # rows in which the column that holds the addresses is looked for


@dataclass(frozen=True, slots=True)
class Wish:
    """What the editor says about a file: its format, what some of its columns are for, and the tags that all get.

    A column goes to one of the words of `Meaning`, to a field of another name, or, where that is empty, nowhere.
    """

    format: str = AUTO
    columns: Mapping[str, str] = field(default_factory=dict)
    tags: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a file is for, by its place in a row."""

    format: Format
    header: Sequence[str]
    places: Mapping[Meaning, Sequence[int]]
    fields: Sequence[tuple[int, str]]
    rules: Sequence[tuple[int, Rule]]


def format_of(sheet: Sheet, header: Sequence[str], wished: str) -> Format:
    """Return the format of a file: the one that is wished, or the one most of whose columns the header has.

    Raises:
        BadInput: no such format, or two fit equally well.
    """
    if wished not in {AUTO, ANY.name}:
        return next(each for each in KNOWN if each.name == wished)
    names = {plain(name) for name in header}
    fits = {each.name: (fit, each) for each in KNOWN if (fit := _fit(each, names))}
    if OWN.name in fits:
        return OWN
    if wished == ANY.name or not fits:
        return ANY
    best = max(fit for fit, _ in fits.values())
    likely = [each for fit, each in fits.values() if fit == best]
    if len(likely) > 1:
        said = " or of ".join(each.title for each in likely)
        hint = " or ".join(f"--from {each.name}" for each in likely)
        raise BadInput(f"{sheet.name} may be a file of {said}", hint=f"say which: {hint}")
    return likely[0]


def _fit(candidate: Format, names: set[str]) -> int:
    return max((len(signature) for signature in candidate.signatures if signature <= names), default=0)


def columns_of(sheet: Sheet, line: int, header: Sequence[str], sample: Sequence[Sequence[str]], wish: Wish) -> Columns:
    """Return what the columns of a file are for; `sample` are some of its rows.

    Raises:
        InvalidSource: no column holds the address, or two would be the same field.
        BadInput: the format cannot be told.
    """
    found = format_of(sheet, header, wish.format)
    names = [unguarded(name.strip()) for name in header]
    keys = names if found.exact else [plain(name) for name in names]
    wished = dict(_wished(names, wish))
    free = {place: key for place, key in enumerate(keys) if key and place not in wished}
    rules = [(place, rule) for place, key in free.items() for rule in found.rules if rule.column == key]
    meant = _meant(found, free, wished, dict(rules))
    if found.localised_before in filter(None, keys) and Meaning.EMAIL not in wished.values():
        meant = _by_content(meant, sample, keys.index(found.localised_before))
    rules += _named_rules(found, keys, meant)
    fields = [(place, field_name(found, key)) for place, key in free.items()]
    fields += [(place, target) for place, target in wished.items() if target]
    spoken_for = {*meant, *dict(rules)}
    columns = Columns(found, names, _places(meant), [each for each in fields if each[0] not in spoken_for], rules)
    if problems := list(_problems(sheet, line, columns, keys, wished, sample)):
        raise InvalidSource(problems)
    return columns


def unknown_columns(headers: Sequence[Sequence[str]], wish: Wish) -> list[str]:
    """Return the columns that the editor names and that no header has."""
    known = {place for header in headers for name in header for place in (name.strip(), plain(name))}
    return [name for name in wish.columns if name not in known and plain(name) not in known]


def _wished(names: Sequence[str], wish: Wish) -> Iterator[tuple[int, str]]:
    by_plain = {plain(name): target for name, target in wish.columns.items() if plain(name)}
    for place, name in enumerate(names):
        target = wish.columns.get(name, by_plain.get(plain(name)))
        if target is not None:
            yield place, target


def _meant(
    found: Format, free: Mapping[int, str], wished: Mapping[int, str], ruled: Collection[int]
) -> dict[int, Meaning]:
    """Return what columns mean by the editor's word, by the format, and by what such columns are called elsewhere."""
    meant = {place: found.columns[key] for place, key in free.items() if key in found.columns}
    meant |= {place: Meaning(target) for place, target in wished.items() if target in list(Meaning)}
    if found.exact:
        return meant
    others = {place: key for place, key in free.items() if place not in meant and place not in ruled}
    return meant | _by_name(others, set(meant.values()))


def _places(meant: Mapping[int, Meaning]) -> dict[Meaning, list[int]]:
    return {meaning: sorted(place for place, each in meant.items() if each is meaning) for meaning in Meaning}


def _named_rules(found: Format, keys: Sequence[str], meant: Mapping[int, Meaning]) -> list[tuple[int, Rule]]:
    """Return the rules of columns that the editor calls standings: they understand the words of all services."""
    places = [place for place, meaning in meant.items() if meaning is Meaning.STANDING and not found.exact]
    words = PLAIN_WORDS | {word: said for rule in found.rules if not rule.other for word, said in rule.words.items()}
    return [(place, Rule(keys[place], words, reason=IMPORTED)) for place in places]


def _by_name(free: Mapping[int, str], taken: set[Meaning]) -> dict[int, Meaning]:
    places = {key: place for place, key in reversed([*free.items()])}
    found = {}
    for meaning, names in SYNONYMS.items():
        place = next((places[name] for name in names if name in places), None)
        if place is not None and meaning not in taken:
            found[place] = meaning
    return found


def _by_content(meant: Mapping[int, Meaning], sample: Sequence[Sequence[str]], end: int) -> dict[int, Meaning]:
    """Let the email column be that which holds the most addresses: its name may be in any language."""
    held = [sum(_is_address(row[place]) for row in sample if place < len(row)) for place in range(end)]
    if not any(held):
        return dict(meant)
    others = {place: meaning for place, meaning in meant.items() if meaning is not Meaning.EMAIL}
    return others | {held.index(max(held)): Meaning.EMAIL}


def _is_address(cell: str) -> bool:
    try:
        valid_address(unguarded(cell.strip()))
    except ValueError:
        return False
    return True


def _problems(
    sheet: Sheet,
    line: int,
    columns: Columns,
    keys: Sequence[str],
    wished: Mapping[int, str],
    sample: Sequence[Sequence[str]],
) -> Iterator[Problem]:
    emails = columns.places[Meaning.EMAIL]
    if not emails:
        yield _no_email(sheet, line, columns.header, sample)
    for meaning in (Meaning.EMAIL, Meaning.FIRST_NAME, Meaning.LAST_NAME, Meaning.NAME):
        if len(columns.places[meaning]) > 1:
            yield sheet.problem(line, meaning, "this column stands here twice", "keep one")
    fields = [name for _, name in columns.fields]
    for name in sorted({name for name in fields if fields.count(name) > 1}):
        yield sheet.problem(line, name, "this column stands here twice", "keep one")
    for place, (name, key) in enumerate(zip(columns.header, keys, strict=True)):
        if name and not key and place not in wished:
            said = "this column's name has no letter from a to z and no digit"
            yield sheet.problem(line, name, said, f"give it one that merge fields can name: --map '{name}=field_name'")


def _no_email(sheet: Sheet, line: int, header: Sequence[str], sample: Sequence[Sequence[str]]) -> Problem:
    if not any(header):
        return sheet.problem(line, "", "there is nothing in this file", "give a list with a column email")
    said = "no column holds the email address"
    if any(map(_is_address, header)):
        return sheet.problem(line, "", said, "the first line must name the columns, and one of them email")
    names = [name for name in header if name]
    columns = zip(*(row[: len(header)] for row in sample if len(row) >= len(header)), strict=True)
    held = [name for name, column in zip(header, columns, strict=False) if name and any(map(_is_address, column))]
    if held:
        return sheet.problem(line, "", said, f"say which does: --map '{held[0]}=email'")
    hint = did_you_mean("email", [name[:_SHOWN] for name in names])
    return sheet.problem(line, "", said, f"name one column email; {hint}")
