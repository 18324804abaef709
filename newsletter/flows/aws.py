"""Set up what the publication needs at Amazon, and undo it; every step can be interrupted and run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from newsletter.core.aws.cloud import Change, Cloud, Stack
from newsletter.core.aws.template import Design
from newsletter.core.aws.unsubscribe import SIGNING_KEYS
from newsletter.errors import NewsletterError, NotConfigured


@dataclass
class Proposal:
    """What setting up would change. If it is not carried out, nothing of it stays."""

    cloud: Cloud
    changes: Sequence[Change]
    carried_out: bool = False

    def carry_out(self) -> Stack:
        """Make the changes, wholly or not at all."""
        self.carried_out = True
        return self.cloud.carry_out()


@contextmanager
def proposed(cloud: Cloud, design: Design, written: Callable[[Design], str], keys: str) -> Iterator[Proposal]:
    """Work out what setting up a design changes. What an earlier run has made besides stays: links lead to it.

    `written` makes the template; `keys` sign unsubscribe links, and may be empty where they are there already.

    Raises:
        NotConfigured: the function is wanted, and nobody has given the keys.
    """
    there = cloud.look()
    wanted = design if there is None else _with_what_is_there(design, there)
    parameters: Mapping[str, str | None] = {SIGNING_KEYS: keys or None} if wanted.unsubscribe else {}
    if wanted.unsubscribe and not keys and (there is None or "PublicUrl" not in there.outputs):
        hint = "set NEWSLETTER_SECRET as 'Going live on SES' in README.md says"
        raise NotConfigured("the function for unsubscribe links needs the key that signs them", hint=hint)
    proposal = Proposal(cloud, [])
    try:
        proposal.changes = cloud.propose(written(wanted), parameters)
        yield proposal
    except BaseException:
        if not proposal.carried_out:
            with suppress(NewsletterError):  # what went wrong first is what is told
                cloud.withdraw()
        raise
    if not proposal.carried_out:
        cloud.withdraw()


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing would remove, and what would be lost with it: messages that nobody has read."""

    stack: Stack
    unread: int

    @property
    def bucket(self) -> str:
        """Return the bucket, which goes only if it is empty."""
        return next((each.id for each in self.stack.parts if each.kind == "S3 Bucket"), "")


def undoing(cloud: Cloud) -> Undoing | None:
    """Return what undoing would do, or None when there is nothing."""
    stack = cloud.look()
    if stack is None:
        return None
    return Undoing(stack, sum(cloud.waiting(each.id) for each in stack.parts if each.kind == "SQS Queue" and each.id))


def undo(cloud: Cloud, plan: Undoing) -> bool:
    """Remove everything; return whether the bucket is gone too, which is not so when pictures are in it.

    The bucket goes first: as long as the stack is there, a second run knows of it.
    """
    gone = not plan.bucket or cloud.remove_bucket(plan.bucket)
    cloud.remove()
    return gone


def _with_what_is_there(design: Design, there: Stack) -> Design:
    unsubscribe, assets = "PublicUrl" in there.outputs, "AssetsBucket" in there.outputs
    return replace(design, unsubscribe=design.unsubscribe or unsubscribe, assets=design.assets or assets)
