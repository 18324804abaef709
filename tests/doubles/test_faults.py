import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import ACCESS_KEY, REGION, SECRET_KEY, DoubleRefused, SesDouble
from tests.doubles.requests import READER, entry, refused, send_bulk, send_raw

FIRST = {"nth": 1}
SENDING_PROGRAM = """
import sys
import boto3
from botocore.config import Config
client = boto3.client("sesv2", endpoint_url=sys.argv[1], region_name=sys.argv[2], aws_access_key_id=sys.argv[3],
    aws_secret_access_key=sys.argv[4], config=Config(retries={"total_max_attempts": 1}, read_timeout=5))
print("ready", flush=True)
sys.stdin.readline()
message = b"From: news@example.com\\r\\nTo: reader@example.net\\r\\nSubject: s\\r\\n\\r\\n"
client.send_email(Destination={"ToAddresses": ["reader@example.net"]}, Content={"Raw": {"Data": message}})
print("answered", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ("throttle", 429, "TooManyRequestsException"),
        ("quota", 429, "TooManyRequestsException"),
        ("bad_request", 400, "BadRequestException"),
        ("message_rejected", 400, "MessageRejected"),
        ("error_500_before", 500, "InternalFailure"),
        ("error_503_before", 503, "ServiceUnavailable"),
    ],
)
def test_an_error_before_acceptance_leaves_nothing_in_the_ledger(
    ses: SesDouble, client: SESV2Client, fault: str, status: int, error: str
) -> None:
    ses.script({"when": FIRST, "do": fault})

    with pytest.raises(ClientError) as raised:
        send_raw(client)

    assert refused(raised) == (status, error)
    assert not ses.accepted()
    call = ses.calls()[0]
    assert (call.status, call.error, call.fault, call.accepted) == (status, error, fault, 0)


@pytest.mark.parametrize(("fault", "status"), [("error_500_after", 500), ("error_503_after", 503)])
def test_an_error_after_acceptance_hides_a_message_that_goes_out(
    ses: SesDouble, client: SESV2Client, fault: str, status: int
) -> None:
    ses.script({"when": FIRST, "do": fault})

    with pytest.raises(ClientError) as raised:
        send_raw(client)

    assert refused(raised)[0] == status
    assert (len(ses.accepted()), ses.calls()[0].accepted) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("reset", ConnectionClosedError),
        ("close", ConnectionClosedError),
        ("timeout", ReadTimeoutError),
    ],
)
@pytest.mark.parametrize(("moment", "accepted"), [("before", 0), ("after", 1)])
def test_a_broken_connection_looks_alike_before_and_after_acceptance(
    ses: SesDouble, impatient: SESV2Client, fault: str, seen: type[BotoCoreError], moment: str, accepted: int
) -> None:
    ses.script({"when": FIRST, "do": f"{fault}_{moment}"})

    with pytest.raises(seen):
        send_raw(impatient)

    assert len(ses.accepted()) == accepted
    assert (ses.calls()[0].status, ses.calls()[0].fault) == (0, f"{fault}_{moment}")
    send_raw(impatient)
    assert len(ses.accepted()) == accepted + 1


@pytest.mark.parametrize("fault", ["half_answer_after", "garbage_after"])
def test_a_broken_answer_seems_a_success_without_a_message_id(ses: SesDouble, client: SESV2Client, fault: str) -> None:
    """Because botocore takes a body it cannot parse for a message, and does not mind its length."""
    ses.script({"when": FIRST, "do": fault})

    with pytest.raises(KeyError, match="MessageId"):
        send_raw(client)

    assert len(ses.accepted()) == 1


def test_a_slow_answer_is_accepted_at_once_and_comes_late(
    ses: SesDouble, client: SESV2Client, impatient: SESV2Client
) -> None:
    ses.script({"when": {"every": 1}, "do": "slow:0.6"})

    with pytest.raises(ReadTimeoutError):
        send_raw(impatient)
    begin = time.monotonic()
    send_raw(client)

    assert time.monotonic() - begin >= 0.6
    assert len(ses.accepted()) == 2


def test_default_retries_of_boto3_send_three_copies(ses: SesDouble) -> None:
    ses.script({"when": {"recipient": READER}, "do": "close_after"})
    careless = ses.client(attempts=3)

    with pytest.raises(ConnectionClosedError):
        send_raw(careless)

    careless.close()
    assert [one.address for one in ses.accepted()] == [READER] * 3


def test_an_entry_of_a_bulk_call_can_fail_alone(ses: SesDouble, client: SESV2Client) -> None:
    readers = ["a@example.net", "b@example.net", "c@example.net"]
    ses.script(
        {"when": {"recipient": "b@example.net"}, "do": "entry_status:TRANSIENT_FAILURE", "times": 1},
        {"when": {"nth": 2}, "do": "entry_status:FAILED", "entry": 2},
    )

    first = send_bulk(client, [entry(reader) for reader in readers])
    second = send_bulk(client, [entry(reader) for reader in readers])

    assert ses.calls()[0].fault == "entry_status:TRANSIENT_FAILURE"
    assert first == ["SUCCESS", "TRANSIENT_FAILURE", "SUCCESS"]
    assert second == ["SUCCESS", "SUCCESS", "FAILED"]
    assert [one.address[0] for one in ses.accepted()] == ["a", "c", "a", "b"]


def test_a_broken_bulk_call_may_have_been_accepted_as_a_whole(ses: SesDouble, client: SESV2Client) -> None:
    ses.script({"when": FIRST, "do": "reset_after"})

    with pytest.raises(ConnectionClosedError):
        send_bulk(client, [entry("a@example.net"), entry("b@example.net")])

    assert [one.address for one in ses.accepted()] == ["a@example.net", "b@example.net"]


def _fates(client: SESV2Client, count: int) -> str:
    """Send so often and tell by a letter whether each was throttled."""
    fates = ""
    for _ in range(count):
        try:
            send_raw(client)
        except client.exceptions.TooManyRequestsException:
            fates += "x"
        else:
            fates += "."
    return fates


@pytest.mark.parametrize(
    ("rule", "fates"),
    [
        ({"when": {"nth": 3}}, "..x......"),
        ({"when": {"every": 3}}, "..x..x..x"),
        ({"when": {"every": 3}, "times": 2}, "..x..x..."),
        ({"when": {"recipient": READER}, "times": 2}, "xx......."),
        ({"when": {"recipient": READER, "nth": 2}}, ".x......."),
        ({"when": {"recipient": "other@example.net"}}, "........."),
        ({"when": {"operation": "SendBulkEmail"}}, "........."),
        ({"when": {"probability": 1.0}, "times": 1}, "x........"),
        ({"when": {"probability": 0.0}}, "........."),
        ({}, "xxxxxxxxx"),
    ],
)
def test_a_rule_strikes_exactly_when_it_says(
    ses: SesDouble, client: SESV2Client, rule: dict[str, object], fates: str
) -> None:
    ses.script({**rule, "do": "throttle"})

    assert _fates(client, 9) == fates


def test_chance_is_the_same_for_the_same_seed(ses: SesDouble, client: SESV2Client) -> None:
    runs = []
    for seed in (1, 1, 2):
        ses.script({"when": {"probability": 0.5, "seed": seed}, "do": "throttle"})
        runs.append(_fates(client, 12))

    assert runs[0] == runs[1] != runs[2]


def test_other_calls_are_struck_only_when_named(ses: SesDouble, client: SESV2Client) -> None:
    ses.script({"do": "throttle"})
    client.get_account()

    ses.script({"when": {"operation": "GetAccount"}, "do": "throttle"})
    with pytest.raises(ClientError):
        client.get_account()


@pytest.mark.parametrize(
    "rule",
    [
        {"do": "explode"},
        {},
        {"do": "throttle", "when": {"nth": 0}},
        {"do": "throttle", "when": {"third": True}},
        {"do": "throttle", "whenever": {}},
        {"do": "slow:soon"},
        {"do": "kill_after"},
        {"do": "kill_after:1"},
        {"do": "kill_after:0"},
        {"do": "kill_after:-5"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(ses: SesDouble, rule: dict[str, object]) -> None:
    with pytest.raises(DoubleRefused):
        ses.script(rule)


def test_the_double_does_not_kill_itself(ses: SesDouble) -> None:
    with pytest.raises(DoubleRefused):
        ses.script({"do": f"kill_after:{ses.pid}"})


@pytest.fixture
def sender(ses: SesDouble) -> Iterator["subprocess.Popen[str]"]:
    """A program that sends one message when told to and says when it got the answer."""
    arguments = [ses.endpoint, REGION, ACCESS_KEY, SECRET_KEY]
    command = [sys.executable, "-c", SENDING_PROGRAM, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        yield program
        program.kill()


@pytest.mark.parametrize(("fault", "accepted"), [("kill_before", 0), ("kill_after", 1), ("kill_after_answer", 1)])
def test_a_client_is_killed_and_the_ledger_survives_it(
    ses: SesDouble, sender: "subprocess.Popen[str]", fault: str, accepted: int
) -> None:
    ses.script({"when": {"nth": 1}, "do": f"{fault}:{sender.pid}"})
    assert sender.stdin is not None
    sender.stdin.write("go\n")

    assert sender.wait(timeout=5) == -9
    assert [one.address for one in ses.accepted()] == [READER] * accepted
    assert ses.calls()[0].status == (200 if fault == "kill_after_answer" else 0)


def test_a_client_that_is_not_killed_gets_its_answer(ses: SesDouble, sender: "subprocess.Popen[str]") -> None:
    assert sender.stdin is not None
    assert sender.stdout is not None
    sender.stdin.write("go\n")

    assert sender.stdout.readline() == "answered\n"


def test_killing_a_process_that_is_gone_is_told(ses: SesDouble, client: SESV2Client) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    ses.script({"do": f"kill_after_answer:{gone.pid}"})
    send_raw(client)

    assert "no such process" in ses.calls()[0].fault
