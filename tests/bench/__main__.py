"""Run every benchmark: `python -m tests.bench`, or some: `python -m tests.bench cold composing`."""

from __future__ import annotations

import sys

from tests.bench import cold, composing, ledger, sending

ALL = {"cold": cold.main, "composing": composing.main, "ledger": ledger.main, "sending": sending.main}

for name in sys.argv[1:] or ALL:
    ALL[name]()
    print()
