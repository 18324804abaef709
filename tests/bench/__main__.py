"""Run every short benchmark: `python -m tests.bench`, or some: `python -m tests.bench cold composing`."""

from __future__ import annotations

import sys

from tests.bench import calling, cold, composing, feedback, importing, ledger

ALL = {
    "cold": cold.main,
    "composing": composing.main,
    "calling": calling.main,
    "ledger": ledger.main,
    "importing": importing.main,
    "feedback": feedback.main,
}

for name in sys.argv[1:] or ALL:
    ALL[name]()
    print()
