from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.merge import Field, Misuse, Tokens, misuses, occurrences
from newsletter.core.subscriber import Subscriber
from tests.core.examples import hostile_texts, problems_of, yaml_of

ANN = Subscriber(address="ann@example.org", first_name="Ann", last_name="Lee", fields={"city": "Bern", "empty": " "})


def value(written: str, subscriber: Subscriber = ANN) -> str:
    tokens = Tokens()
    tokens.replace(written)
    [field] = tokens.fields.values()
    return field.value(subscriber, lambda name: f"https://e.com/{name}")


def only_misuse(text: str) -> Misuse:
    [found] = misuses(text)
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{{ subscriber.first_name }}", "Ann"),
        ("{{subscriber.last_name}}", "Lee"),
        ("{{ subscriber.name }}", "Ann Lee"),
        ("{{ subscriber.address }}", "ann@example.org"),
        ("{{ subscriber.city }}", "Bern"),
        ("{{ subscriber.nothing }}", ""),
        ('{{ subscriber.nothing | default("reader") }}', "reader"),
        ("{{ subscriber.nothing|default( 'a \"reader\"' ) }}", 'a "reader"'),
        ('{{ subscriber.empty | default("") }}', ""),
        ('{{ subscriber.empty | default("x") }}', "x"),
        ('{{ subscriber.city | default("x") }}', "Bern"),
        ("{{ links.unsubscribe }}", "https://e.com/unsubscribe"),
        ("{{\n subscriber.city\n}}", "Bern"),
    ],
)
def test_a_field_has_the_subscribers_value_or_its_default(written: str, expected: str) -> None:
    assert not list(misuses(written))
    assert value(written) == expected


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("a {{ name }}", 2, "is not a merge field", "subscriber.first_name"),
        ("{{ subscriber.first_name | upper }}", 0, "is not a merge field", "default"),
        ("{{ subscriber.first_name | default(reader) }}", 0, "is not a merge field", "default"),
        ("{{ subscriber['x'] }}", 0, "is not a merge field", ""),
        ("{{ subscriber.__class__.__init__ }}", 0, "is not a merge field", ""),
        ("{{ 7 * 7 }}", 0, "is not a merge field", ""),
        ("{{}}", 0, "is not a merge field", ""),
        ("{{ links.unsubscibe }}", 0, "there is no link 'unsubscibe'", "did you mean 'unsubscribe'?"),
        ("{{ subscriber.firstname }}", 0, "subscribers have no 'firstname'", "did you mean 'first_name'?"),
        ("{{ subscriber.Email }}", 0, "subscribers have no 'Email'", "did you mean 'address'?"),
        ("a {{ b", 2, "without its other half", "close"),
        ("a }} b", 2, "without its other half", "close"),
        ("https://{{ subscriber.site }}/", 8, "would decide where a link leads", "behind its ?"),
        ("https://e.com{{ subscriber.site }}/", 13, "would decide where a link leads", ""),
        ("[a]({{ subscriber.site }})", 4, "would decide where a link leads", ""),
        ("[a](<{{ subscriber.site }}>)", 5, "would decide where a link leads", ""),
        ("[a](mailto:{{ subscriber.address }})", 11, "would decide where a link leads", ""),
        ("[a](/b?{{ subscriber.city }})", 7, "would decide where a link leads", ""),
        ("https://{{ links.view }}", 8, "would decide where a link leads", ""),
    ],
)
def test_misuse_is_said_with_its_place_and_a_hint(text: str, offset: int, message: str, hint: str) -> None:
    found = only_misuse(text)
    assert found.offset == offset
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    "text",
    [
        "https://e.com/?n={{ subscriber.first_name }}",
        "[a](https://e.com/{{ subscriber.city }}/x)",
        "[a]({{ links.view }})",
        "(https://e.com) {{ subscriber.city }}",
        "See https://e.com, {{ subscriber.city }}",
        "[{{ subscriber.city }}](https://e.com)",
        "<https://e.com>{{ subscriber.city }}",
        "{ {subscriber.city} }",
        "{% raw %}",
    ],
)
def test_what_is_no_misuse_is_left_alone(text: str) -> None:
    assert not list(misuses(text))


def test_misuse_in_an_issue_is_reported_at_its_line_and_column() -> None:
    blocks = "- kind: note\n  title: 'It''s {{ subscriber.fistname }}'\n  text: >\n    one\n    two {{ x }} three"
    found = problems_of(yaml_of({"subject": "Hi {{ nobody }}"}, blocks=blocks))
    assert [(each.mark.line, each.mark.column, each.path) for each in found] == [
        (4, 13, "subject"),
        (11, 9, "blocks[0].text"),
    ]


def test_each_field_has_one_token_of_letters_and_digits_that_occurs_nowhere_else() -> None:
    text = "{{ subscriber.city }} mergefield000z {{subscriber.city}} {{ subscriber.city | default('x') }}"
    tokens = Tokens(taken=[text, "mergefieldx"])
    replaced = tokens.replace(text)
    assert len(tokens.fields) == 2
    assert all(token.isalnum() and token.isascii() and token not in text for token in tokens.fields)
    assert "mergefield000z" in tokens.restore(replaced)


@given(hostile_texts)
def test_text_without_fields_passes_unharmed(text: str) -> None:
    tokens = Tokens(taken=[text])
    if "{{" not in text:
        assert tokens.restore(tokens.replace(text)) == text


@given(st.text(max_size=20), st.sampled_from(["first_name", "last_name", "city"]))
def test_a_value_is_one_line_without_control_or_override_characters(text: str, name: str) -> None:
    subscriber = Subscriber(address="a@example.org", first_name=text, last_name=text, fields={"city": text})
    found = Field("subscriber", name).value(subscriber, lambda _: "")
    assert len(found.splitlines()) <= 1
    assert not [char for char in found if ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2066\u2028"]
    found.encode()


def test_a_field_is_written_back_as_one_that_means_the_same() -> None:
    for text in ('{{ subscriber.a | default("b") }}', "{{ subscriber.a | default('say \"b\"') }}", "{{ links.view }}"):
        tokens, again = Tokens(), Tokens()
        [field] = (tokens.replace(text), tokens.fields.values())[1]
        again.replace(str(field))
        assert list(again.fields.values()) == [field]


def test_occurrences_are_found_by_meaning() -> None:
    text = "{{subscriber.city}} {{ subscriber.city | default('x') }} {{ subscriber.city }}"
    assert list(occurrences(text, Field("subscriber", "city"))) == [0, text.rindex("{{")]
