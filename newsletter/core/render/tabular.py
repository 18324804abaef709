"""Tables as plain text: aligned columns, or one record per row where the width does not hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsletter.core.render.plain import WIDTH, wrapped

_GAP = "  "


def tabular(
    header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], *, loose: bool = False
) -> str:
    """Return a table within the width; columns of numbers are flush right. A header without a word is left out.

    A `loose` one has cells whose length is not known yet, and is never aligned.
    """
    lines = [[" ".join(cell.split()) for cell in line] for line in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if loose or sum(widths) + len(_GAP) * (len(widths) - 1) > WIDTH:
        return "\n\n".join(_record(lines[0], row) for row in lines[1:])
    rule = ["-" * width for width in widths]
    head = [lines[0], rule] if any(lines[0]) else []
    return "\n".join(_aligned([*head, *lines[1:]], widths, numeric))


def _aligned(lines: Sequence[Sequence[str]], widths: Sequence[int], numeric: Sequence[bool]) -> Iterator[str]:
    for line in lines:
        cells = zip(line, widths, numeric, strict=True)
        yield _GAP.join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells)


def _record(header: Sequence[str], row: Sequence[str]) -> str:
    """Return one row as lines of `header: cell`; empty cells are left out, and a column may be without a name."""
    named = (f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=True) if cell)
    return "\n".join(wrapped(line, "  ", "") for line in named)
