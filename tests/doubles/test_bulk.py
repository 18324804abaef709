import pytest
from botocore.exceptions import ClientError
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import SesDouble
from tests.doubles.requests import READER, entry, refused, send_bulk

UNSUBSCRIBE = [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u/1>"}]


def test_every_entry_is_recorded_with_its_own_tags_headers_and_data(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(keep="messages")
    own = {"ReplacementTags": [{"Name": "rid", "Value": "1"}], "ReplacementHeaders": UNSUBSCRIBE}
    statuses = send_bulk(
        client,
        [entry("a@example.net", {"name": "A & B"}, **own), entry("b@example.net")],
        template={"Headers": [{"Name": "list-unsubscribe", "Value": "<https://example.com>"}]},
        DefaultEmailTags=[{"Name": "rid", "Value": "0"}, {"Name": "issue", "Value": "7"}],
        ConfigurationSetName="main",
    )

    first, second = ses.accepted()
    assert statuses == ["SUCCESS", "SUCCESS"]
    assert (first.address, first.tags) == ("a@example.net", {"rid": "1", "issue": "7"})
    assert first.headers == [("List-Unsubscribe", "<https://example.com/u/1>")]
    assert first.content == {
        "Subject": "Hello A & B",
        "Text": "",
        "Html": "<p>Hello A & B</p>",
        "Data": {"name": "A & B"},
    }
    assert (second.subject, second.tags["rid"]) == ("Hello reader", "0")
    assert first.message_id != second.message_id
    assert first.sha256 != second.sha256


def test_data_is_merged_key_by_key_into_objects(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(keep="messages")
    defaults = {"name": "reader", "place": {"city": "Bonn", "zip": "1"}, "list": [1, 2]}
    send_bulk(client, [entry(data={"place": {"zip": "2"}, "list": [3]})], data=defaults)

    content = ses.accepted()[0].content or {}
    assert content["Data"] == {"name": "reader", "place": {"city": "Bonn", "zip": "2"}, "list": [3]}


@pytest.mark.parametrize(
    "html",
    [
        "{{#if name}}x{{/if}}",
        "{{first_name}}",
        "{{reader.name}}",
        "{{{name}}}",
        "{{ name }}",
        "{{1name}}",
        "{{name}",
        "\\{{name}}",
        "{ {{{name}}",
        "{{name}}}",
    ],
)
def test_anything_but_a_simple_name_is_an_unsupported_operation(ses: SesDouble, client: SESV2Client, html: str) -> None:
    with pytest.raises(ClientError, match="unsupported operations") as raised:
        send_bulk(client, [entry()], html=html)

    assert refused(raised) == (400, "BadRequestException")


def test_a_missing_variable_is_accepted_but_never_sent(ses: SesDouble, client: SESV2Client) -> None:
    statuses = send_bulk(client, [entry()], html="{{city}}", ConfigurationSetName="main")

    assert (statuses, ses.accepted()[0].missing) == (["SUCCESS"], ["city"])
    assert [event["eventType"] for event in ses.events()] == ["Rendering Failure"]


def test_fifty_entries_are_the_most(ses: SesDouble, client: SESV2Client) -> None:
    entries = [entry(f"r{number}@example.net") for number in range(51)]

    assert send_bulk(client, entries[:50]) == ["SUCCESS"] * 50
    with pytest.raises(ClientError, match="exceeds 50"):
        send_bulk(client, entries)


def test_a_call_of_more_than_a_megabyte_is_refused(ses: SesDouble, client: SESV2Client) -> None:
    assert send_bulk(client, [entry()], html="x" * 990_000) == ["SUCCESS"]

    with pytest.raises(ClientError, match="larger than") as raised:
        send_bulk(client, [entry()], html="x" * 1_000_000)
    assert refused(raised) == (400, "BadRequestException")


BAD_ENTRIES = [
    entry("grüße@example.net"),
    entry(ReplacementTags=[{"Name": "rid", "Value": "a@b"}]),
    entry(ReplacementHeaders=[{"Name": "To", "Value": "a@example.net"}]),
    entry() | {"ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": "no json"}}},
]


@pytest.mark.parametrize("bad", BAD_ENTRIES)
def test_a_bad_entry_fails_alone(ses: SesDouble, client: SESV2Client, bad: dict[str, object]) -> None:
    assert send_bulk(client, [entry("a@example.net"), bad]) == ["SUCCESS", "INVALID_PARAMETER"]
    assert [one.address for one in ses.accepted()] == ["a@example.net"]
    assert ses.calls()[0].entries == ["SUCCESS", "INVALID_PARAMETER"]


@pytest.mark.parametrize("bad", BAD_ENTRIES)
def test_a_bad_entry_can_take_the_call_with_it(ses: SesDouble, client: SESV2Client, bad: dict[str, object]) -> None:
    ses.configure(bulk_bad_entry="call")

    with pytest.raises(ClientError) as raised:
        send_bulk(client, [entry("a@example.net"), bad])
    assert refused(raised) == (400, "BadRequestException")
    assert not ses.accepted()


def test_what_is_wrong_for_all_entries_refuses_the_call(ses: SesDouble, client: SESV2Client) -> None:
    with pytest.raises(ClientError, match="Header"):
        send_bulk(client, [entry()], template={"Headers": [{"Name": "From", "Value": "a@example.com"}]})
    with pytest.raises(ClientError, match="tag"):
        send_bulk(client, [entry()], DefaultEmailTags=[{"Name": "a.b", "Value": "1"}])
    with pytest.raises(ClientError, match="at least one"):
        send_bulk(client, [])


def test_stored_templates_do_not_exist(ses: SesDouble, client: SESV2Client) -> None:
    with pytest.raises(ClientError) as raised:
        send_bulk(client, [entry()], template={"TemplateName": "stored"})

    assert refused(raised) == (404, "NotFoundException")


def test_an_entry_needs_a_recipient(ses: SesDouble, client: SESV2Client) -> None:
    nobody = entry() | {"Destination": {"ToAddresses": []}}

    assert send_bulk(client, [nobody, entry(READER)]) == ["INVALID_PARAMETER", "SUCCESS"]


def test_a_template_needs_a_subject_and_a_body(ses: SesDouble, client: SESV2Client) -> None:
    for content in ({"Subject": "Hello"}, {"Html": "<p>Hello</p>"}):
        with pytest.raises(ClientError, match="needs a Subject"):
            send_bulk(client, [entry()], template={"TemplateContent": content})


def test_data_of_more_than_a_quarter_megabyte_is_refused(ses: SesDouble, client: SESV2Client) -> None:
    assert send_bulk(client, [entry(data={"name": "x" * 262_000})]) == ["SUCCESS"]
    assert send_bulk(client, [entry(data={"name": "x" * 262_144})]) == ["INVALID_PARAMETER"]


def test_where_only_counts_are_asked_for_entries_are_counted_by_their_addresses(
    ses: SesDouble, client: SESV2Client
) -> None:
    ses.configure(keep="counts", check_messages=False)
    statuses = send_bulk(client, [entry("a@example.net", {"name": "A"}), entry("no address"), entry("c@example.net")])

    assert statuses == ["SUCCESS", "INVALID_PARAMETER", "SUCCESS"]
    assert (ses.accepted(), ses.counts()["accepted"], ses.counts()["SendBulkEmail"]) == ([], 2, 1)
