"""A bulk call parted until every entry has an outcome, whichever entries SES refuses and wherever it breaks off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Refused
from newsletter.edges.ses_parting import Answer, Slip, sent_in_parts
from tests.edges.speaking import ACCEPTED, IN_DOUBT, NOT_REACHED, REFUSED, STOPPED, entry, kinds


class Picky:
    """A SES that refuses whole calls for their bad entries, and loses one call on the way."""

    def __init__(self, bad: set[int], lost_call: int = 0) -> None:
        self.bad, self.lost_call = {f"d-{number}" for number in bad}, lost_call
        self.calls = 0
        self.taken: Counter[str] = Counter()

    def __call__(self, part: Sequence[Slip]) -> Answer:
        self.calls += 1
        names = [entry.delivery_id for entry, _ in part]
        assert len(names) <= 50
        if self.bad.intersection(names):
            return Refused("bad address")
        self.taken.update(names)
        if self.calls == self.lost_call:
            return InDoubt("lost")
        return [Accepted(name) for name in names]


def slips(count: int) -> list[Slip]:
    return [(entry(number), b"{}") for number in range(count)]


@given(count=st.integers(1, 120), bad=st.sets(st.integers(0, 119), max_size=12))
def test_the_bad_are_refused_and_all_others_taken_once(count: int, bad: set[int]) -> None:
    bad = {number for number in bad if number < count}
    ses = Picky(bad)

    outcomes = kinds(sent_in_parts(b"", slips(count), ses))

    if STOPPED in outcomes:
        assert outcomes == [STOPPED] * count
        assert not ses.taken
    else:
        assert outcomes == [REFUSED if number in bad else ACCEPTED for number in range(count)]
        assert ses.taken == Counter({f"d-{number}": 1 for number in range(count) if number not in bad})
    assert ses.calls <= 2 * count


@given(count=st.integers(2, 60), bad=st.sets(st.integers(0, 59), max_size=4), lost=st.integers(1, 12))
def test_what_was_under_way_when_a_call_was_lost_is_in_doubt_and_nothing_else(
    count: int, bad: set[int], lost: int
) -> None:
    ses = Picky(bad, lost)

    outcomes = sent_in_parts(b"", slips(count), ses)

    for number, outcome in enumerate(kinds(outcomes)):
        taken = ses.taken[f"d-{number}"]
        assert taken <= 1
        assert (outcome in {ACCEPTED, IN_DOUBT}) is (taken == 1)
        assert outcome in {ACCEPTED, IN_DOUBT, NOT_REACHED, REFUSED, STOPPED}


def test_a_refusal_of_all_names_its_reason_and_what_to_do() -> None:
    (one, two) = sent_in_parts(b"", slips(2), lambda _: Refused("unsupported operations"))

    assert one == two
    assert isinstance(one, Deferred)
    assert (one.reason, one.stop) == ("unsupported operations", True)
    assert one.hint
