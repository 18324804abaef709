"""Who gets a mailing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Audience:
    """Subscribers who carry at least one of `tags`; without tags, everybody on the list.

    Somebody whose standing forbids mail still belongs to the audience: they are accounted for as suppressed.
    Only `Standing.REMOVED` is off the list altogether.
    """

    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " or ".join(f"tag {tag}" for tag in self.tags) if self.tags else "everybody on the list"
