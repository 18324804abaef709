from __future__ import annotations

from dataclasses import replace

from tests.core.examples import LAYOUT, built, note, publication, text_of, with_template


def test_templates_see_what_they_are_promised() -> None:
    source = "{{ here }} {{ volume_line }} {{ byline }} {{ issue.day | print_date }} {{ links.view }}"
    build = built(layout=with_template("text.txt.j2", source), byline="Ann")
    assert build.restored(build.text) == (
        "https://letter.example.com/archive/vol-1-issue-1 Volume 1 | Issue 1 Ann 2026-02-03 {{ links.view }}\n"
    )


def test_what_looks_like_a_template_in_an_issue_is_text() -> None:
    build = built(note("{% raw %} {# x #} {{ subscriber.city }}", title="{% if %}"))
    assert "{% raw %} {# x #}" in build.text
    assert "{% if %}" in build.text
    assert "{% if %}" in build.html
    assert "{{ subscriber.city }}" in build.restored(build.html)


def test_a_merge_field_passes_filters_that_change_case_or_wrap() -> None:
    field = '{{ subscriber.first_name | default("my dear friend of many years") }}'
    source = "{{ issue.subject | upper }}|{{ issue.subject | wrap }}|{{ issue.subject | heading }}|{{ byline }}"
    build = text_of(source, subject=f"a {field} " * 3, byline=field)
    assert build.count("mergefield") == 10
    assert build.startswith("A mergefield000z A mergefield000z")


def test_templates_learn_where_lines_begin_and_end() -> None:
    source = "{{ rtl }} {{ start }} {{ end }} {{ '1px 2px 3px 4px' | sides }} {{ '-4 %' | ordered }}"
    layout = with_template("text.txt.j2", source)
    assert built(layout=layout).text == "False left right 1px 2px 3px 4px -4 %\n"
    right = built(layout=layout, by=publication(language="he")).text
    assert right == "\u200fTrue right left 1px 4px 3px 2px \u200e-4 %\u200e\u200f\n"


def test_a_table_from_right_to_left_is_records_in_plain_text() -> None:
    """Columns would change places where words of both directions meet on a line."""
    layout = replace(
        LAYOUT,
        templates={
            **LAYOUT.templates,
            "text.txt.j2": '{% for block in issue.blocks %}{% include "blocks/table.txt.j2" %}{% endfor %}',
            "blocks/table.txt.j2": "{{ block | tabular }}",
            "blocks/table.mjml.j2": "",
        },
    )
    table = {"kind": "table", "header": ["א", "ב"], "rows": [["ג", "-4"]]}
    text = built(table, layout=layout, by=publication(language="he")).text
    assert text == "א: ג\nב: \u200e-4\u200e\u200f\n"
