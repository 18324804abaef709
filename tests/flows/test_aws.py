"""Setting up and undoing, step by step: what is interrupted goes on, and a no leaves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from newsletter.core.aws.cloud import Change, Part, Stack
from newsletter.core.aws.template import Design
from newsletter.errors import EdgeError, NotConfigured
from newsletter.flows.aws import proposed, undo, undoing

PLAIN = Design("news")
BUCKET, QUEUE = Part("AssetsBucket", "S3 Bucket", "news-assets"), Part("EventQueue", "SQS Queue", "https://queue")


@dataclass
class FakeCloud:
    """An account in memory. `fails_at` names what raises, once; a stack remembers the template it was made of."""

    region: str = "eu-west-1"
    stack: Stack | None = None
    template: str = ""
    proposal: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    buckets: dict[str, int] = field(default_factory=dict)  # with how many pictures
    unread: int = 0
    fails_at: str = ""
    error: BaseException = field(default_factory=KeyboardInterrupt)

    def _step(self, name: str) -> None:
        if self.fails_at == name:
            self.fails_at = ""
            raise self.error

    def look(self) -> Stack | None:
        return self.stack

    def propose(self, template: str, parameters: Mapping[str, str | None]) -> Sequence[Change]:
        self.proposal, self.parameters = template, parameters
        self._step("propose")
        return [] if template == self.template else [Change("add", "EventQueue", "SQS Queue")]

    def withdraw(self) -> None:
        self._step("withdraw")
        self.proposal = None

    def carry_out(self) -> Stack:
        assert self.proposal
        self.template, self.proposal = self.proposal, None
        outputs = {"FeedbackQueue": "https://queue"}
        outputs |= {"PublicUrl": "https://function"} if "unsubscribe" in self.template else {}
        outputs |= {"AssetsBucket": "news-assets"} if "assets" in self.template else {}
        self.stack = Stack([QUEUE, BUCKET] if "assets" in self.template else [QUEUE], outputs)
        self._step("carry_out")  # Amazon goes on by itself
        return self.stack

    def remove(self) -> None:
        self._step("remove")
        self.stack, self.template = None, ""

    def remove_bucket(self, name: str) -> bool:
        self._step("remove_bucket")
        return name not in self.buckets or not self.buckets[name]

    def waiting(self, queue: str) -> int:
        assert queue == QUEUE.id
        return self.unread


def written(design: Design) -> str:
    return " ".join([design.name, *(part for part in ("unsubscribe", "assets") if getattr(design, part))])


def set_up(cloud: FakeCloud, design: Design = PLAIN, keys: str = "k" * 32) -> bool:
    """Set up; return whether anything changed."""
    with proposed(cloud, design, written, keys) as proposal:
        if proposal.changes:
            proposal.carry_out()
        return bool(proposal.changes)


def test_a_second_time_changes_nothing() -> None:
    cloud = FakeCloud()
    assert set_up(cloud)
    assert not set_up(cloud)
    assert cloud.proposal is None


def test_what_is_only_looked_at_leaves_nothing() -> None:
    cloud = FakeCloud()
    with proposed(cloud, PLAIN, written, "") as proposal:
        assert proposal.changes
    assert (cloud.stack, cloud.proposal) == (None, None)


@pytest.mark.parametrize("step", ["propose", "carry_out"])
def test_what_is_interrupted_goes_on(step: str) -> None:
    cloud = FakeCloud(fails_at=step)
    with pytest.raises(KeyboardInterrupt):
        set_up(cloud)
    assert cloud.proposal is None
    set_up(cloud)
    assert cloud.template == "news"


def test_of_two_errors_the_first_is_told() -> None:
    cloud = FakeCloud(fails_at="withdraw", error=EdgeError("the second"))
    with pytest.raises(EdgeError, match="the first"), proposed(cloud, PLAIN, written, ""):
        raise EdgeError("the first")


def test_what_an_earlier_run_added_stays_with_the_keys_it_has() -> None:
    cloud = FakeCloud()
    set_up(cloud, Design("news", unsubscribe=True))
    assert cloud.parameters == {"SigningKeys": "k" * 32}
    set_up(cloud, Design("news", assets=True), keys="")
    assert cloud.template == "news unsubscribe assets"
    assert cloud.parameters == {"SigningKeys": None}


def test_the_function_is_not_made_without_the_keys() -> None:
    cloud = FakeCloud()
    with pytest.raises(NotConfigured, match="needs the key"):
        set_up(cloud, Design("news", unsubscribe=True), keys="")
    assert cloud.proposal is None


def test_undoing_says_what_would_be_lost_and_then_removes_it() -> None:
    cloud = FakeCloud(unread=3)
    set_up(cloud, Design("news", assets=True))
    plan = undoing(cloud)
    assert plan
    assert (plan.unread, plan.bucket) == (3, "news-assets")
    assert undo(cloud, plan)
    assert undoing(cloud) is None


def test_a_bucket_with_pictures_stays() -> None:
    cloud = FakeCloud(buckets={"news-assets": 2})
    set_up(cloud, Design("news", assets=True))
    plan = undoing(cloud)
    assert plan
    assert not undo(cloud, plan)
    assert undoing(cloud) is None


@pytest.mark.parametrize("step", ["remove_bucket", "remove"])
def test_undoing_that_is_interrupted_goes_on(step: str) -> None:
    cloud = FakeCloud()
    set_up(cloud, Design("news", assets=True))
    cloud.fails_at = step
    for _ in range(2):
        plan = undoing(cloud)
        assert plan
        try:
            assert undo(cloud, plan)
        except KeyboardInterrupt:
            continue
    assert undoing(cloud) is None
