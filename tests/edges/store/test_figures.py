from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from newsletter.core.acts import Act, Block, By, Confirm, Pause, SignUp, Unsubscribe
from newsletter.core.growth import Course, Figures, growth
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.store import Store
from tests.edges.store.examples import AT, LATER, person, remove


def joined(name: str, year: int, month: int, *tags: str) -> Subscriber:
    return replace(person(name, *tags), consent=Consent("form", datetime(year, month, 7, tzinfo=UTC)))


def test_an_empty_list_has_figures_of_nobody(store: Store) -> None:
    nobody = dict.fromkeys(Standing, 0)
    assert store.statistics.figures(AT) == Figures(nobody, 0, 0, [], [])


def test_standings_pauses_erasures_and_tags_are_counted(store: Store) -> None:
    people = [person("ann", "us", "a"), person("bob", "us"), person("cid", "b"), person("dan", "us"), person("eve")]
    store.subscribers.put(people, AT)
    store.readers.change(Whom("ann@example.org"), Pause(LATER + timedelta(days=1)), AT)
    store.readers.change(Whom("bob@example.org"), Pause(LATER - timedelta(seconds=1)), AT)
    store.readers.change(Whom("dan@example.org"), Unsubscribe("page"), AT)
    store.readers.erase(Whom("eve@example.org"), AT)
    found = store.statistics.figures(LATER)
    assert {standing: count for standing, count in found.standings.items() if count} == {
        Standing.ACTIVE: 3,
        Standing.UNSUBSCRIBED: 1,
    }
    assert (found.paused, found.erased) == (1, 1)
    assert found.tags == [("us", 2), ("a", 1), ("b", 1)]


def test_the_ten_most_common_tags_are_named(store: Store) -> None:
    store.subscribers.put([person(f"r{number}", *(f"t{tag:02}" for tag in range(number))) for number in range(13)], AT)
    assert [tag for tag, _ in store.statistics.figures(AT).tags] == [f"t{tag:02}" for tag in range(10)]


def test_who_joined_and_left_is_counted_by_month(store: Store) -> None:
    people = [joined("ann", 2023, 11), joined("bob", 2023, 11), joined("cid", 2024, 2), joined("dan", 2023, 11)]
    store.subscribers.put([*people, person("eve"), replace(person("fay"), standing=Standing.UNSUBSCRIBED)], AT)
    remove(store, "dan", datetime(2024, 3, 1, tzinfo=UTC))
    store.readers.change(Whom("cid@example.org"), Block(Standing.BOUNCED, "", By.SES), LATER)
    store.readers.change(Whom("gil@example.org"), Block(Standing.BOUNCED, "never here", By.SES), LATER)
    store.readers.change(Whom("hal@example.org"), SignUp(consent=Consent("form", AT)), AT)
    assert set(store.statistics.figures(LATER).courses) == {
        Course("2023-11", None, 2),
        Course("2023-11", "2024-03", 1),
        Course("2024-02", "2024-05", 1),
        Course("2024-05", None, 1),
    }


def test_nobody_joined_or_left_in_days_to_come_whatever_a_list_says(store: Store) -> None:
    to_come = datetime(2062, 1, 1, tzinfo=UTC)
    gone = replace(joined("bob", 2023, 11), standing=Standing.UNSUBSCRIBED, since=to_come)
    store.subscribers.put([joined("ann", 2062, 1), gone], AT)
    assert set(store.statistics.figures(LATER).courses) == {
        Course("2024-05", None, 1),
        Course("2023-11", "2024-05", 1),
    }


def test_a_month_is_that_of_utc(store: Store) -> None:
    new_year = datetime(2024, 1, 1, 3, tzinfo=timezone(timedelta(hours=5)))
    store.subscribers.put([replace(person("ann"), consent=Consent("form", new_year))], AT)
    assert [course.joined for course in store.statistics.figures(AT).courses] == ["2023-12"]


def test_the_last_total_is_who_is_active_whatever_happened(store: Store) -> None:
    store.subscribers.put([joined(f"r{number}", 2023, number) for number in range(1, 9)], AT)
    acts: list[Act] = [Unsubscribe("x"), Block(Standing.COMPLAINED, "", By.SES), Pause(LATER)]
    for number, act in enumerate(acts, 1):
        store.readers.change(Whom(f"r{number}@example.org"), act, LATER)
    store.readers.change(Whom("r1@example.org"), SignUp(consent=Consent("form", LATER)), LATER)
    store.readers.change(Whom("r1@example.org"), Confirm(), LATER)
    store.readers.erase(Whom("r4@example.org"), LATER)
    found = store.statistics.figures(LATER)
    assert growth(found.courses)[-1].total == found.standings[Standing.ACTIVE] == 6
