"""A row of a recognised file becomes a subscriber, or is refused.

Three things refuse a row: no valid address, more cells than columns, and a word for a standing that nobody knows. All
else is put right or left as it is, since whoever is refused is not suppressed either.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Final, TypeAlias

from newsletter.core.address import valid_address
from newsletter.core.arrivals import cells as cell
from newsletter.core.arrivals.columns import Columns
from newsletter.core.arrivals.formats import field_name
from newsletter.core.arrivals.meaning import Format, Meaning, Rule
from newsletter.core.arrivals.text import Sheet, no_text
from newsletter.core.formulas import unguarded
from newsletter.core.source import Problem
from newsletter.core.subscriber import Consent, Standing, Subscriber, stricter

_Verdict: TypeAlias = tuple[Standing, str]
_OF_STANDING: Final = (Meaning.REASON, Meaning.SINCE, Meaning.PAUSED_UNTIL)
_OF_CONSENT: Final = (
    *(Meaning.CONSENT_SOURCE, Meaning.CONSENT_AT, Meaning.CONSENT_IP),
    *(Meaning.CONFIRMED_AT, Meaning.CONFIRMED_IP),
)
_MANY_TAGS: Final = 10_000  # different cells of tags that are remembered


class Refused(Exception):
    """A row cannot be taken."""

    def __init__(self, column: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.column, self.message, self.hint = column, message, hint


class Rows:
    """What makes subscribers of the rows of a file.

    Each gets the `tags`; `consent` stands in for rows that bring no proof of their own. `note` is told of what could
    not be understood, and stays as a field. `literal` rows were JSON: nothing in them is guarded, and lists of tags are
    lists.
    """

    def __init__(
        self,
        sheet: Sheet,
        columns: Columns,
        *,
        tags: frozenset[str],
        consent: Consent,
        note: Callable[[Problem], None],
        literal: bool = False,
    ) -> None:
        self._sheet, self._note, self._consent, self._extra_tags = sheet, note, consent, tags
        self._literal = literal
        self._format, self._header, self._fields = columns.format, columns.header, columns.fields
        self._width, self._at = len(columns.header), columns.places
        self._email = self._at[Meaning.EMAIL][0]
        self._of_standing = any(self._at[meaning] for meaning in _OF_STANDING)
        self._of_consent = [place for meaning in _OF_CONSENT for place in self._at[meaning]]
        self._rules = [(place, rule, _verdicts(rule, columns.format)) for place, rule in columns.rules]
        self._everybody = _of_file(sheet, columns.format)
        self._source = consent.source if columns.format.name == "csv" else columns.format.title
        self._known_tags = {"": tags}

    def subscriber(self, line: int, cells: list[str]) -> Subscriber:
        """Return the subscriber of a row.

        Raises:
            Refused: it cannot be taken.
        """
        cells = self._fitted(cells)
        address = self._address(cells)
        standing, reason = self._verdict(cells)
        if no_text("".join(cells)):
            self._spoilt(line, cells)
        first, last = self._names(cells)
        fields = self._own(line, cells)
        since = paused_until = None
        if self._of_standing and (standing is not Standing.ACTIVE or self._format.exact):
            reason = self._reason(reason, cells)
            since = self._time(line, Meaning.SINCE, cells, fields)
            paused_until = self._time(line, Meaning.PAUSED_UNTIL, cells, fields)
        proven = any(cells[place] for place in self._of_consent)
        # Whoever is not to be mailed anyway is not said to have agreed by an import.
        unproven = self._consent if standing.mailable else Consent()
        return Subscriber(
            address=address,
            first_name=first,
            last_name=last,
            tags=self._tags(cells),
            fields=fields,
            standing=standing,
            reason=reason,
            since=since,
            paused_until=paused_until,
            consent=self._proof(line, cells, fields) if proven else unproven,
        )

    def _address(self, cells: Sequence[str]) -> str:
        if not cells[self._email]:
            raise Refused("email", "there is no address", "fill it in, or delete the row")
        try:
            return valid_address(cells[self._email])
        except ValueError as err:
            raise Refused("email", str(err), "mend or delete the row") from err

    def _names(self, cells: Sequence[str]) -> tuple[str, str]:
        first, last = self._text(Meaning.FIRST_NAME, cells), self._text(Meaning.LAST_NAME, cells)
        if self._at[Meaning.NAME] and not first and not last:
            return cell.names(self._text(Meaning.NAME, cells))
        return first, last

    def _own(self, line: int, cells: Sequence[str]) -> dict[str, str]:
        """Return the fields: of the cells that hold many, and of the columns, which win."""
        fields = {name: cells[place] for place, name in self._fields if cells[place]}
        for place in self._at[Meaning.DATA]:
            if cells[place]:
                fields = {**self._map(line, place, cells[place]), **fields}
        return fields

    def _fitted(self, cells: list[str]) -> list[str]:
        """Return as many cells as there are columns, freed of spaces and of what guards formulas."""
        if self._literal:
            return cells if self._format.exact else [*map(str.strip, cells)]
        cells = [*map(str.strip, cells)]
        if len(cells) != self._width:
            if any(cells[self._width :]):
                hint = "quote cells that hold the separator"
                raise Refused("", "more cells than the header has columns", hint)
            cells = cells[: self._width] + [""] * (self._width - len(cells))
        return [*map(unguarded, cells)] if "'" in "".join(cells) else cells

    def _verdict(self, cells: Sequence[str]) -> _Verdict:
        """Return the strictest standing that any column says, with its reason."""
        found = self._everybody
        for place, rule, verdicts in self._rules:
            said = cells[place]
            verdict = verdicts.get(said) or verdicts.get(cell.plain(said)) if said else verdicts.get("")
            if verdict is None:
                if rule.other is None:
                    column = self._header[place]
                    raise Refused(column, f"{said!r} is not a standing", _hint(column, cell.plain(said), rule))
                verdict = rule.other, rule.reason.format(title=self._format.title)
            if stricter(found[0], verdict[0]) is not found[0]:
                found = verdict
        return found

    def _tags(self, cells: Sequence[str]) -> frozenset[str]:
        text = self._text(Meaning.TAGS, cells)
        found = self._known_tags.get(text)
        if found is None:
            found = self._read_tags(text) | self._extra_tags
            if len(self._known_tags) < _MANY_TAGS:
                self._known_tags[text] = found
        return found

    def _read_tags(self, text: str) -> frozenset[str]:
        listed = cell.listed(text) if self._literal else None
        if listed is None:
            return cell.tags(text, quoted=self._format.quoted_tags)
        return frozenset(filter(None, listed)) if self._format.exact else cell.tidy(listed)

    def _reason(self, reason: str, cells: Sequence[str]) -> str:
        said = "; ".join(filter(None, (cells[place] for place in self._at[Meaning.REASON])))
        return ": ".join(filter(None, (reason, said)))

    def _proof(self, line: int, cells: Sequence[str], fields: dict[str, str]) -> Consent:
        source = self._text(Meaning.CONSENT_SOURCE, cells)
        return Consent(
            source if source or self._format.exact else self._source,
            self._time(line, Meaning.CONSENT_AT, cells, fields),
            self._text(Meaning.CONSENT_IP, cells),
            self._time(line, Meaning.CONFIRMED_AT, cells, fields),
            self._text(Meaning.CONFIRMED_IP, cells),
        )

    def _text(self, meaning: Meaning, cells: Sequence[str]) -> str:
        for place in self._at[meaning]:
            if cells[place]:
                return cells[place]
        return ""

    def _time(self, line: int, meaning: Meaning, cells: Sequence[str], fields: dict[str, str]) -> datetime | None:
        """Return the time in a column; one that cannot be read stays as a field."""
        for place in self._at[meaning]:
            if text := cells[place]:
                found = cell.moment(text)
                if found is None:
                    self._left(line, place, f"{text!r} is not a time", text, fields)
                return found
        return None

    def _map(self, line: int, place: int, text: str) -> Mapping[str, str]:
        found = cell.mapping(text)
        if found is None:
            fields: dict[str, str] = {}
            self._left(line, place, "this is neither JSON nor a dictionary", text, fields)
            return fields
        return {field_name(self._format, key): value for key, value in found.items()}

    def _spoilt(self, line: int, cells: Sequence[str]) -> None:
        for place, text in enumerate(cells):
            if character := no_text(text):
                said = f"{character} is no character of any text, and becomes U+FFFD"
                self._note(self._sheet.problem(line, self._header[place], said))

    def _left(self, line: int, place: int, said: str, text: str, fields: dict[str, str]) -> None:
        name = self._header[place]
        fields[field_name(self._format, name)] = text
        self._note(self._sheet.problem(line, name, f"{said}, and stays as a field"))


def _hint(column: str, said: str, rule: Rule) -> str:
    near = difflib.get_close_matches(said, rule.words, n=1, cutoff=0.7)
    standings = {standing.value: None for standing in rule.words.values()}
    known = f"did you mean {near[0]!r}?" if near else f"write {' or '.join(standings)}"
    return f"{known} (--map '{column}=' leaves the column out)"


def _verdicts(rule: Rule, of: Format) -> dict[str, _Verdict]:
    return {
        word: (standing, "" if standing.mailable else rule.reason.format(word=word, title=of.title))
        for word, standing in rule.words.items()
    }


def _of_file(sheet: Sheet, of: Format) -> _Verdict:
    name = PurePath(sheet.name).name.lower()
    said = [verdict for beginning, verdict in of.files.items() if name.startswith(beginning)]
    return said[0] if said else (Standing.ACTIVE, "")
