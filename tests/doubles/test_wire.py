import json
import socket

import pytest

from tests.doubles import SesDouble

ACCOUNT = b"GET /v2/email/account HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def unsigned(ses: SesDouble) -> SesDouble:
    ses.configure(check_signature=False)
    return ses


def _connect(ses: SesDouble) -> socket.socket:
    return socket.create_connection(("127.0.0.1", ses.port), timeout=5)


def _read(connection: socket.socket, count: int = 1) -> bytes:
    """Read so many answers, or up to the end of the connection."""
    received = b""
    while received.count(b"\r\n\r\n") < count or not received.endswith((b"}", b"\r\n\r\n")):
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return received


def _post(body: bytes, extra: bytes = b"") -> bytes:
    length = str(len(body)).encode()
    return b"POST /v2/email/outbound-emails HTTP/1.1\r\n" + extra + b"Content-Length: " + length + b"\r\n\r\n"


def _simple(text: str) -> bytes:
    return json.dumps(
        {
            "FromEmailAddress": "news@example.com",
            "Destination": {"ToAddresses": ["reader@example.net"]},
            "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": text}}}},
        }
    ).encode()


def test_a_connection_serves_several_requests_also_sent_at_once(unsigned: SesDouble) -> None:
    with _connect(unsigned) as connection:
        connection.sendall(ACCOUNT)
        assert _read(connection).startswith(b"HTTP/1.1 200 OK\r\n")

        connection.sendall(ACCOUNT * 3)
        assert _read(connection, 3).count(b"HTTP/1.1 200 OK\r\n") == 3


def test_requests_behind_a_slow_one_are_answered_after_it(unsigned: SesDouble) -> None:
    unsigned.script({"when": {"operation": "any", "nth": 1}, "do": "slow:0.1"})
    with _connect(unsigned) as connection:
        connection.sendall(ACCOUNT * 2)

        assert _read(connection, 2).count(b"HTTP/1.1 200 OK\r\n") == 2


def test_a_connection_closes_when_asked_to(unsigned: SesDouble) -> None:
    with _connect(unsigned) as connection:
        connection.sendall(ACCOUNT.replace(b"Host", b"Connection: close\r\nHost"))

        assert _read(connection).startswith(b"HTTP/1.1 200 OK\r\n")
        assert connection.recv(1) == b""


def test_a_body_is_asked_for_when_the_client_waits_for_that(unsigned: SesDouble) -> None:
    body = _simple("Hello")
    with _connect(unsigned) as connection:
        connection.sendall(_post(body, b"Expect: 100-continue\r\n"))
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"

        connection.sendall(body)
        assert _read(connection).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_a_request_may_come_in_pieces_of_any_size(unsigned: SesDouble, size: int) -> None:
    text = "Hello " * (50 if size == 1 else 100_000)
    whole = _post(_simple(text)) + _simple(text)
    with _connect(unsigned) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(whole), size):
            connection.sendall(whole[start : start + size])

        assert _read(connection).startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(unsigned.accepted()) == 1


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
    ],
)
def test_a_request_that_is_none_is_refused(unsigned: SesDouble, request_head: bytes, status: bytes) -> None:
    with _connect(unsigned) as connection:
        connection.sendall(request_head)

        assert _read(connection).startswith(b"HTTP/1.1 " + status)


def test_an_aborted_request_is_none(unsigned: SesDouble) -> None:
    with _connect(unsigned) as connection:
        connection.sendall(_post(_simple("Hello")) + b"{")
    with _connect(unsigned) as connection:
        connection.sendall(ACCOUNT)
        assert _read(connection).startswith(b"HTTP/1.1 200 OK\r\n")

    assert not unsigned.accepted()


def test_a_reset_is_one_and_a_close_is_not(unsigned: SesDouble) -> None:
    for fault in ("close_after", "reset_after"):
        unsigned.script({"do": fault})
        body = _simple("Hello")
        with _connect(unsigned) as connection:
            connection.sendall(_post(body) + body)
            if fault == "close_after":
                assert connection.recv(1) == b""
            else:
                with pytest.raises(ConnectionResetError):
                    connection.recv(1)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"Destination": 1}', b'{"Destination": {"ToAddresses": [1]}}'])
def test_a_body_that_is_none_is_refused(unsigned: SesDouble, body: bytes) -> None:
    with _connect(unsigned) as connection:
        connection.sendall(_post(body) + body)

        answer = _read(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"SerializationException" in answer


def test_raw_data_that_is_no_base64_is_refused(unsigned: SesDouble) -> None:
    body = b'{"Destination": {"ToAddresses": ["a@example.net"]}, "Content": {"Raw": {"Data": "====x"}}}'
    with _connect(unsigned) as connection:
        connection.sendall(_post(body) + body)

        assert b"SerializationException" in _read(connection)


def test_half_an_answer_is_shorter_than_it_says(unsigned: SesDouble) -> None:
    unsigned.script({"do": "half_answer_after"})
    body = _simple("Hello")
    with _connect(unsigned) as connection:
        connection.sendall(_post(body) + body)

        head, _, answered = _read(connection).partition(b"\r\n\r\n")
    announced = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
    assert 0 < len(answered) < announced
