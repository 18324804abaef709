"""The first words of a new issue: the usual blocks, to be written over."""

from __future__ import annotations

from datetime import date

_DRAFT = """\
# yaml: every text is Markdown; a line `<!-- more -->` ends what the email shows of a feature.
# Every kind of block with its keys: layouts/v2g/README.md
volume: {volume}
number: {number}
date: {day}
subject: "Draft: what this issue is about"
preheader: What the inbox shows after the subject
blocks:
  - kind: letter
    text: |
      Dear {{{{ subscriber.first_name | default("reader") }}}},

      Two short paragraphs.
  - kind: feature
    department: Features
    title: The title of the feature
    date: {day}
    text: |
      What the email shows.

      ## A subheading

      More of it, with a [link](https://example.org/source).

      <!-- more -->

      What only the archive shows.
    read_on:
      label: "Read on: what the rest is about"
  - kind: interview
    department: Interview
    title: The title of the interview
    guest:
      name: The guest
      role: What they do
      organization: Where
    introduction: |
      Who the guest is.
    questions:
      - question: The first question?
        answer: |
          The answer.
  - kind: note
    text: |
      A short word to the readers.
  - kind: finds
    department: Finds
    items:
      - title: The headline of a find
        url: https://example.org/find
        date: {day}
        text: |
          One or two paragraphs.
  - kind: share
    title: Enjoyed this issue?
    text: |
      Pass it on to somebody who would, too.
    label: Share this issue
"""


def draft(volume: int, number: int, day: date) -> str:
    """Return the YAML of a new issue that builds as it stands."""
    return _DRAFT.format(volume=volume, number=number, day=day.isoformat())
