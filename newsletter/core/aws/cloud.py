"""The port to CloudFormation: one stack, of which every change is looked at before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the template makes: its name there, what it is (`SQS Queue`), and its name at Amazon."""

    name: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Stack:
    """What is there: everything that was made, and what the template says about it under `Outputs`."""

    parts: Sequence[Part]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one part: `action` is add, modify, remove or import, which takes in what is there."""

    action: str
    name: str
    kind: str
    replaced: bool = False


class Cloud(Protocol):
    """The stack of one name. Each method waits until Amazon is done, also with what an earlier run began.

    All of them raise EdgeError when Amazon could not be asked or did not do it, and NotConfigured when there are no
    credentials or settings to ask with.
    """

    @property
    def region(self) -> str:
        """Return where the stack is."""
        ...

    def look(self) -> Stack | None:
        """Return what is there, or None."""
        ...

    def propose(self, template: str, parameters: Mapping[str, str | None]) -> Sequence[Change]:
        """Work out what a template would change, and change nothing; a parameter that is None stays as it is.

        Raises:
            BadInput: the template is too long.
        """
        ...

    def withdraw(self) -> None:
        """Take a proposal back; nothing of it stays."""
        ...

    def carry_out(self) -> Stack:
        """Do what was proposed last, wholly or not at all."""
        ...

    def remove(self) -> None:
        """Remove the stack and everything in it, but for the bucket."""
        ...

    def remove_bucket(self, name: str) -> bool:
        """Remove a bucket and return True, unless something is in it."""
        ...

    def waiting(self, queue: str) -> int:
        """Return about how many messages are in a queue; 0 if it is gone."""
        ...
