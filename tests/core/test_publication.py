from __future__ import annotations

import typing
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from newsletter.core.publication import Publication, TransportName, parse_publication
from newsletter.core.source import read
from tests.core.examples import publication
from tests.core.publications import SMALL, parsed, said

ROOT = Path(__file__).parents[2]


def models(model: type[BaseModel]) -> typing.Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from models(annotation)


def test_every_key_has_a_description() -> None:
    fields = {
        (model.__name__, name): field for model in models(Publication) for name, field in model.model_fields.items()
    }
    assert not [key for key, field in fields.items() if not field.description]


def test_the_sample_publication_is_without_problems() -> None:
    assert parse_publication(read((ROOT / "publication.yaml").read_bytes(), "publication.yaml"), {}).name == "V2G News"


def test_what_is_left_out_has_a_default() -> None:
    found = parsed(SMALL)
    assert found.transport is TransportName.OUTBOX
    assert found.public == found.site == "https://letter.example.com"
    assert (found.language, found.layout, found.reply_to, found.reviewers) == ("en", "v2g", None, {})
    assert found.store.startswith("sqlite:///")
    assert found.sender.address == "Letter@example.com"


def test_an_unknown_key_is_refused_with_the_key_that_was_meant() -> None:
    assert said(SMALL + "postal_adress: x\nses: {regoin: eu-west-1}\n") == [
        "publication.yaml:6:1: postal_adress: is not a key here; did you mean 'postal_address'?",
        "publication.yaml:7:7: ses.regoin: is not a key here; did you mean 'region'?",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("language: english!", "language: 'english!' is not possible here; BCP 47 tag of the text"),
        ("layout: ../secret", "layout: '../secret' is not possible here; a folder of layouts/"),
        ("transport: smtp", "transport: 'smtp' is not possible here; use 'outbox' or 'ses'"),
        ("date_format: d MMM", "date_format: 'd MMM' is not a date format; use yyyy, mm, m, dd and d"),
        ("reply_to: nobody", "reply_to: 'nobody' is not an email address"),
        ("reviewers: {all: [a@example.com, b]}", "reviewers.all[1]: 'b' is not an email address"),
        ("ses: {configuration_set: 'a b'}", "ses.configuration_set: 'a b' is not possible here"),
        ("ses:", "ses: is empty; write something or delete the key"),
        ("tokens: {ink: }", "tokens.ink: is empty; write something or delete the key"),
        ("public_url: ftp://example.com", "public_url: 'ftp://example.com' is not a web address"),
        ('tagline: "a\\x07b"', "the escape of U+0007"),
    ],
)
def test_each_mistake_is_said_in_its_place(line: str, expected: str) -> None:
    [problem] = said(SMALL + line)
    assert problem.startswith("publication.yaml:6:")
    assert expected in problem


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("yyyy-mm-dd", "2026-02-03"), ("m/d/yyyy", "2/3/2026"), ("dd.mm.yyyy", "03.02.2026"), ("d. m.", "3. 2.")],
)
def test_dates_are_printed_as_the_publication_says(pattern: str, expected: str) -> None:
    assert publication(date_format=pattern).print_date(date(2026, 2, 3)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("V2G News", "v2g-news.letter.example.com"),
        ("Überblick & mehr", "berblick-mehr.letter.example.com"),
        ("漢字", "newsletter.letter.example.com"),
        ("x" * 300, "x" * 63 + ".letter.example.com"),
    ],
)
def test_the_list_identifier_is_a_label_under_the_sites_host(name: str, expected: str) -> None:
    assert publication(name=name).list_id == expected


@pytest.mark.parametrize("name", ["a\nBcc: x@example.com", "a\rb", "a\0b"])
def test_a_sender_name_cannot_add_a_header(name: str) -> None:
    with pytest.raises(ValueError, match="one line without control characters"):
        publication(sender={"name": name, "address": "a@example.com"})


@pytest.mark.parametrize("end", ["/?a=1", "?", "/a#top", "#"])
@pytest.mark.parametrize("key", ["site", "archive", "public_url"])
def test_an_address_that_others_are_built_on_ends_with_its_path(key: str, end: str) -> None:
    rest = "".join(f"{line}\n" for line in SMALL.splitlines() if not line.startswith(f"{key}:"))
    [problem] = said(f"{rest}{key}: 'https://x.example.com{end}'\n")
    assert f"{key}: 'https://x.example.com{end}' is not an address to put names behind; " in problem
    assert "write one that has no ? or #" in problem


def test_where_pictures_live_is_an_address_and_perhaps_a_bucket() -> None:
    bare = parsed(SMALL + "assets: {url: https://pictures.example.com/letter/}\n").assets
    full = parsed(SMALL + "assets: {url: https://p.example.com, bucket: letter.pictures, prefix: a/b/}\n").assets
    assert parsed(SMALL).assets is None
    assert bare is not None
    assert full is not None
    assert (bare.base, bare.bucket) == ("https://pictures.example.com/letter/", None)
    assert (full.base, full.bucket, full.prefix) == ("https://p.example.com/", "letter.pictures", "a/b")


@pytest.mark.parametrize(
    ("assets", "expected"),
    [
        ("{bucket: letter}", "assets.url: is missing; add it"),
        ("{url: http://p.example.com}", "assets.url: 'http://p.example.com' is not an address to load pictures from; "),
        ("{url: 'https://p.example.com/?f='}", "assets.url: 'https://p.example.com/?f=' is not an address to put"),
        ("{url: https://p.example.com, bucket: My_Bucket}", "assets.bucket: 'My_Bucket' is not possible here; S3 b"),
        ("{url: https://p.example.com, prefix: /a}", "assets.prefix: '/a' is not possible here; folder in the bucket"),
    ],
)
def test_a_place_for_pictures_that_cannot_work_is_refused(assets: str, expected: str) -> None:
    [problem] = said(SMALL + f"assets: {assets}\n")
    assert expected in problem
