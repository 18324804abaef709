"""Text that runs from right to left: which languages are written so, and marks that keep lines and dates in order."""

from __future__ import annotations

import re
import unicodedata

# Languages whose likely script (CLDR, supplemental/likelySubtags.xml) is written from right to left, by the codes of
# BCP 47, old ones (iw, ji) included. A language with several scripts, such as pa or az, names its own: pa-Arab.
LANGUAGES = frozenset(
    """
    ar aao abh abv acm acq acw acx acy adf aeb aec afb ajp apc apd ars ary arz ayl ayp azb bal bcc bqi ckb dv fa glk
    gbz gjk gju haz he iw ji khw ks lki lrc luz mvy mzn nqo pbu pes pga pnb prd prs ps rhg sam sd sdh shu skr ssh syc
    syr trw ug ur yi ydd
    """.split()  # noqa: SIM905 - a list of fifty strings is no easier to read
)
# Scripts that CLDR (scriptMetadata, "RTL") has from right to left and that somebody may write a letter in (ISO 15924).
SCRIPTS = frozenset({"adlm", "arab", "aran", "gara", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa", "yezi"})

LEFT_TO_RIGHT_MARK = "\u200e"
RIGHT_TO_LEFT_MARK = "\u200f"

# An empty line, code, which is indented, and an address alone on its line or behind the mark of a reference.
_LEFT_TO_RIGHT = r"\s*|    [\x00-\x7f]*|\s*(\[\d+\] )?([a-z]+:\S+|{})"


def runs_from_right(language: str) -> bool:
    """Tell whether a language (BCP 47) is written from right to left.

    A script subtag decides; it is the one of four letters behind the language (RFC 5646 2.2.3), and stands where the
    language alone would leave the script open (4.1). Without it the script is the one that CLDR thinks likely.
    """
    first, *others = language.lower().split("-")
    for subtag in others:
        if len(subtag) == 4 and subtag.isalpha():
            return subtag in SCRIPTS
    return first in LANGUAGES


def led(text: str, links: str) -> str:
    """Return plain text whose lines are taken for lines from right to left, but for those of addresses and code.

    Mail programs that show plain text guess the direction of each line by its first letter (UAX 9, P2 and P3), and a
    wrapped line may begin with a Latin word. A mark that nobody sees is such a letter. `links` is a regular expression
    of what stands for addresses that are not known yet.
    """
    left = re.compile(_LEFT_TO_RIGHT.format(links), re.IGNORECASE)
    return "\n".join(
        line if left.fullmatch(line) or _first(line) == "R" else RIGHT_TO_LEFT_MARK + line for line in text.split("\n")
    )


def ordered(number: str) -> str:
    """Return a number, date or the like, for a text from right to left, in the order in which it is written.

    There signs would go to the other side, and behind an Arabic letter the parts of a date would change places (UAX 9,
    W2 to W7). Marks on both sides keep it together, the last one without tying it to what follows; CLDR's numbers for
    Arabic and Hebrew have such marks too. What has letters from right to left orders itself.
    """
    if any(_direction(each) == "R" for each in number):
        return number
    return f"{LEFT_TO_RIGHT_MARK}{number}{LEFT_TO_RIGHT_MARK}{RIGHT_TO_LEFT_MARK}"


def _first(line: str) -> str:
    return next((direction for direction in map(_direction, line) if direction), "")


def _direction(character: str) -> str:
    return {"L": "L", "R": "R", "AL": "R"}.get(unicodedata.bidirectional(character), "")
