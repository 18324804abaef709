"""An issue with every kind of block once, for the check of a layout."""

from __future__ import annotations

from datetime import date

from newsletter.core.draft import draft

_MORE = """\
  - kind: contents
  - kind: quote
    text: What somebody said.
    by: Somebody
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


def specimen(volume: int, number: int, day: date) -> str:
    """Return the YAML of the issue: the blocks of a draft, and those that a draft has not."""
    return draft(volume, number, day) + _MORE
