"""An issue with every kind of block once, and its picture, for the check of a layout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from newsletter.core.draft import draft
from newsletter.core.kinds import Kind
from newsletter.core.schema import HOLDINGS, Key
from newsletter.core.tree import Value

# A grey pixel. It is also asked for by the publication's logo, and by digests.
PICTURES = {
    "picture.png": bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6368000000"
        "82008177cd72b60000000049454e44ae426082"
    )
}
_MORE = """\
  - kind: contents
  - kind: quote
    text: What somebody said.
    by: Somebody
  - kind: figure
    src: picture.png
    alt: What it shows
  - kind: numbers
    items:
      - {value: "1", label: one, note: the first}
      - {value: "2", label: two}
  - kind: events
    department: Events
    items:
      - title: An event
        url: https://example.org/event
        date: 2026-03-03
        end_date: 2026-03-05
        place: Somewhere
        text: What happens there.
      - {title: Another, url: "https://example.org/another", date: 2026-03-04, place: Elsewhere}
  - kind: jobs
    department: Jobs
    items:
      - title: A job
        organization: An employer
        place: Somewhere
        url: https://example.org/job
        closing_date: 2026-03-31
      - {title: Another, organization: An employer, place: Elsewhere, url: "https://example.org/other"}
  - kind: sponsor
    name: A sponsor
    text: What they sell.
    label: See what they sell
    url: https://example.org/sponsor
  - kind: poll
    question: Yes or no?
    answers:
      - {label: "Yes", url: "https://example.org/yes"}
      - {label: "No", url: "https://example.org/no"}
  - kind: table
    header: [Name, Number]
    rows:
      - [One, "1"]
  - kind: chart
    title: A chart
    labels: [One, Two]
    series:
      - {name: This year, values: [1, 2]}
      - {name: Last year, values: [2, 1]}
    alt: What the chart shows.
  - kind: button
    label: Go there
    url: https://example.org/there
  - kind: divider
  - kind: raw
    mjml: <mj-section><mj-column><mj-text><p>As it stands.</p></mj-text></mj-column></mj-section>
    text: In words.
"""


def specimen(volume: int, number: int, day: date, own: Iterable[Kind] = ()) -> str:
    """Return the YAML of the issue: the blocks of a draft, those that a draft has not, and those of own kinds."""
    blocks = [{"kind": kind.name, **values} for kind in own for values in _variants(kind.keys)]
    # JSON is YAML too.
    return draft(volume, number, day) + _MORE + "".join(f"  - {json.dumps(block)}\n" for block in blocks)


def _variants(keys: Sequence[Key]) -> Iterator[dict[str, Value]]:
    """Yield values with every key, once for each choice there is, and values without what may be absent."""
    for turn in range(max(_most_choices(keys), 2)):
        yield _values(keys, turn, whole=True)
    yield _values(keys, 0, whole=False)


def _most_choices(keys: Sequence[Key]) -> int:
    return max((len(key.choices) or _most_choices(key.keys) for key in keys), default=0)


def _values(keys: Sequence[Key], turn: int, *, whole: bool) -> dict[str, Value]:
    return {key.name: _value(key, turn, whole=whole) for key in keys if whole or not key.optional}


def _value(key: Key, turn: int, *, whole: bool) -> Value:
    """Return a value for a key; a list has two items, and the second of them lacks what may be absent."""
    if key.many:
        return [_one(key, turn, whole=whole), _one(key, turn + 1, whole=False)]
    return _one(key, turn, whole=whole)


def _one(key: Key, turn: int, *, whole: bool) -> Value:
    if key.keys:
        return _values(key.keys, turn, whole=whole)
    if key.choices:
        return key.choices[turn % len(key.choices)]
    examples = HOLDINGS[key.word].examples
    return examples[turn % len(examples)]
