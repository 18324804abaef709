from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from newsletter.core.links import DOORS, INERT, Bearer, LinkMaker, inert_link
from newsletter.core.merge import LINKS

UIDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=26)
MAKER = LinkMaker("https://e.com", ["first", "second"])
BEARER = Bearer("s1", "m1")


def token(maker: LinkMaker = MAKER, name: str = "unsubscribe", bearer: Bearer = BEARER) -> str:
    base, _, found = maker.make(name, bearer).rpartition("/")
    assert base == f"https://e.com/{name}"
    return found


@given(UIDS, UIDS, st.sampled_from(DOORS))
def test_a_token_tells_whom_it_was_made_for_and_is_safe_in_an_address(uid: str, mailing: str, name: str) -> None:
    found = token(name=name, bearer=Bearer(uid, mailing))
    assert set(found) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")
    assert MAKER.read(name, found) == Bearer(uid, mailing)


@given(st.sampled_from(DOORS), st.sampled_from(DOORS))
def test_a_token_for_one_purpose_is_refused_for_another(made: str, read: str) -> None:
    assert (MAKER.read(read, token(name=made)) is not None) == (made == read)


@given(
    st.integers(0, 60), st.integers(0, 3), st.text(max_size=3) | st.sampled_from(["=", "==", ".", "\n", " ", "+", "/"])
)
@example(48, 1, "=")
@example(6, 0, ":\x80")
def test_a_tampered_token_is_refused(at: int, cut: int, change: str) -> None:
    found = token()
    tampered = found[:at] + change + found[at + cut :]
    assume(tampered != found)
    assert MAKER.read("unsubscribe", tampered) is None


def test_every_other_last_character_is_refused() -> None:
    found = token()
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=":
        assert (MAKER.read("unsubscribe", found[:-1] + last) is not None) == (last == found[-1])


@given(st.text(max_size=60))
@example("")
@example("..")
@example(INERT)
@example("\ud800")
@example("s1.m1.é")
def test_what_was_not_made_here_is_refused_without_a_crash(text: str) -> None:
    assert MAKER.read("unsubscribe", text) is None


def test_a_new_key_signs_and_the_old_ones_are_still_accepted() -> None:
    old, rotated, other = (
        LinkMaker("https://e.com", ["a"]),
        LinkMaker("https://e.com", ["a", "b"]),
        LinkMaker("x", ["c"]),
    )
    assert rotated.read("view", token(old, "view")) == BEARER
    assert old.read("view", token(rotated, "view")) is None
    assert LinkMaker("https://e.com", ["b"]).read("view", token(rotated, "view")) == BEARER
    assert other.read("view", token(rotated, "view")) is None


def test_every_link_of_a_letter_has_its_door() -> None:
    assert set(LINKS) < set(DOORS)


def test_links_of_old_issues_go_on_working() -> None:
    found = [token(name=name).rpartition(".")[2] for name in DOORS]
    assert found == [
        "-LpJ0qweUIaW6x4X",
        "S59UGGfF1XRmxeHS",
        "Xkv1g8b0paMbQcaq",
        "f-jh9OhZ5Y7uhA9F",
        "XUH7H-s77sj0YxfH",
    ]


def test_the_same_link_is_made_again_and_another_reader_gets_another() -> None:
    assert token() == token()
    assert len({token(bearer=Bearer(uid, "m1")) for uid in ("a", "b", "c")}) == 3


@pytest.mark.parametrize("name", DOORS)
def test_the_inert_link_of_a_test_copy_is_no_token(name: str) -> None:
    link = inert_link("https://e.com", name)
    assert link == f"https://e.com/{name}/{INERT}"
    assert MAKER.read(name, link.rpartition("/")[2]) is None


def test_links_do_not_hold_the_address() -> None:
    assert "@" not in token()
    assert "%40" not in token()
