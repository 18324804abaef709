"""Keep spreadsheet programs from running what readers wrote: a cell that begins like a formula gets an apostrophe.

https://owasp.org/www-community/attacks/CSV_Injection names the characters. So that nothing is lost, every cell gets one
more that begins so after any number of apostrophes, and on the way in one apostrophe is taken from before such a cell.
"""

from __future__ import annotations

import re
from typing import Final

_LIKE_A_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula."""
    return f"'{cell}" if _LIKE_A_FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return what was guarded."""
    return cell[1:] if cell[:1] == "'" and _LIKE_A_FORMULA.match(cell) else cell
