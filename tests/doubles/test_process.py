import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.doubles import DoubleRefused, SesDouble, running_ses
from tests.doubles.requests import send_raw

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.doubles.ses"]


def test_it_says_its_port_and_ends_on_sigterm() -> None:
    with subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/_double/counts")
        assert connection.getresponse().read() == b"{}"
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=5) == 0
        connection.close()


def test_it_ends_with_the_process_that_started_it() -> None:
    command = [*COMMAND, "--until-stdin-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdin.close()

        assert process.wait(timeout=5) == 0


@pytest.mark.parametrize("settings", ["{", "[]", '{"no_such": 1}', '{"max_send_rate": 0}'])
def test_it_does_not_start_with_settings_that_make_no_sense(settings: str) -> None:
    ended = subprocess.run([*COMMAND, "--settings", settings], cwd=ROOT, capture_output=True, check=False, timeout=5)

    assert ended.returncode == 2
    assert b"error: --settings" in ended.stderr


def test_settings_hold_from_the_start_and_come_back_on_reset() -> None:
    with running_ses(check_signature=False, keep="messages") as ses:
        ses.configure(keep="ids")
        ses.reset()
        client = ses.client(aws_secret_access_key="guessed")
        send_raw(client)
        client.close()

        assert ses.accepted()[0].content


def test_it_is_gone_after_use() -> None:
    with running_ses() as ses:
        pid = ses.pid

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"no_such": 1},
        {"check_messages": 1},
        {"max_send_rate": "1"},
        {"keep": "all"},
        {"quota_error": "Made up"},
        {"event_rules": [{"do": "explode"}]},
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_changes_nothing(ses: SesDouble, change: dict[str, object]) -> None:
    with pytest.raises(DoubleRefused):
        ses.configure(sandbox=True, **change)

    client = ses.client()
    assert client.get_account()["ProductionAccessEnabled"]
    client.close()


def test_long_ledgers_come_in_pages(ses: SesDouble) -> None:
    ses.configure(check_signature=False)
    body = json.dumps(
        {
            "FromEmailAddress": "news@example.com",
            "Destination": {"ToAddresses": [f"r{number}@example.net" for number in range(50)]},
            "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        }
    )
    connection = http.client.HTTPConnection("127.0.0.1", ses.port, timeout=5)
    for _ in range(101):
        connection.request("POST", "/v2/email/outbound-emails", body)
        assert connection.getresponse().read()
    connection.close()

    assert [one.number for one in ses.accepted()] == list(range(1, 5051))
    assert ses.counts()["accepted"] == 5050


def test_time_of_acceptance_is_told(ses: SesDouble) -> None:
    client = ses.client()
    send_raw(client)
    client.close()

    assert abs(ses.accepted()[0].at - time.time()) < 5
