from __future__ import annotations

from newsletter.core.account import Account
from newsletter.core.delivery import State


def test_the_parts_of_an_account_add_up_to_everybody() -> None:
    account = Account(dict.fromkeys(State, 3))

    assert sum(count for _, count in account.parts) == account.intended == 18
    assert (account.settled, account.open) == (12, 6)


def test_who_is_still_to_be_sent_to_is_a_part_only_while_there_are_any() -> None:
    ends = [State.ACCEPTED, State.REFUSED, State.SUPPRESSED, State.IN_DOUBT]

    assert [state for state, _ in Account({}).parts] == ends
    assert [state for state, _ in Account({State.CLAIMED: 1}).parts] == [*ends, State.CLAIMED]
