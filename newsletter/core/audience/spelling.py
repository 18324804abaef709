"""How the words of readers and of expressions compare, and how words are written in an expression.

Python, SQLite and PostgreSQL each have ideas of their own about small and capital letters beyond A to Z. All three do
agree on A to Z, so those are folded, and an expression looks for a few spellings of what it was given.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_BARE = re.compile(r"[\w.@+/-]+")


def folded(text: str) -> str:
    """Return the text with A to Z in lower case, and nothing else changed."""
    return text.translate(_FOLD)


@lru_cache(maxsize=1_000)  # a block asks for the same words of every reader
def spellings(words: str) -> frozenset[str]:
    """Return what is looked for, folded: the words as given, in small, in capital, and with capital first letters."""
    return frozenset(map(folded, (words, words.lower(), words.upper(), words.title())))


def quoted(text: str) -> str:
    """Return words as an expression has them: bare if they can be, else between quotes, a quote inside doubled."""
    return text if _BARE.fullmatch(text) else '"' + text.replace('"', '""') + '"'
