"""The DNS: what is certain is told from what is not, and values are as people write them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from newsletter.core.diagnosis.names import Fate, Question
from newsletter.edges.dns import Dns
from newsletter.errors import NotConfigured
from tests.doubles.dns import SILENT, Zone, running_dns


@pytest.fixture(scope="module")
def shared() -> Iterator[Zone]:
    with running_dns() as zone:
        yield zone


@pytest.fixture
def zone(shared: Zone) -> Zone:
    shared.records.clear()
    shared.failing.clear()
    shared.asked.clear()
    shared.put("example.com", "MX", "20 Backup.example.com.", "10 mail.example.com.")
    return shared


def fate(zone: Zone, name: str, kind: str = "MX", patience: float = 3.0) -> Fate:
    return Dns(zone.server, patience=patience).look_up(Question(name, kind)).fate


def test_values_are_as_people_write_them(zone: Zone) -> None:
    zone.put("k._domainkey.example.com", "CNAME", "K.DKIM.amazonses.com.")
    zone.put("null.example.com", "MX", "0 .")
    dns = Dns(zone.server)

    assert dns.look_up(Question("example.com", "MX")).values == ("10 mail.example.com", "20 backup.example.com")
    assert dns.look_up(Question("k._domainkey.example.com", "CNAME")).values == ("k.dkim.amazonses.com",)
    assert dns.look_up(Question("null.example.com", "MX")).values == ("0 .",)


def test_a_long_text_is_one_string_and_comes_over_tcp_when_it_must(zone: Zone) -> None:
    text = "v=spf1 " + " ".join(f"ip4:192.0.2.{number}" for number in range(200)) + " ~all"
    zone.put("example.com", "TXT", text)

    assert Dns(zone.server).look_up(Question("example.com", "TXT")).values == (text,)
    assert [way for _, _, way in zone.asked] == ["udp", "tcp"]


def test_no_name_no_record_and_no_answer_are_three_things(zone: Zone) -> None:
    zone.failing = {"broken.example.com": "SERVFAIL", "refused.example.com": "REFUSED", "silent.example.com": SILENT}

    assert fate(zone, "example.com") is Fate.FOUND
    assert fate(zone, "other.example.com") is Fate.NO_NAME
    assert fate(zone, "example.com", "TXT") is Fate.NO_RECORD
    assert fate(zone, "broken.example.com") is Fate.BROKEN
    assert fate(zone, "refused.example.com") is Fate.BROKEN
    assert fate(zone, "silent.example.com", patience=0.3) is Fate.SILENT


@pytest.mark.parametrize("name", ["a" * 70 + ".example.com", "a..example.com"])
def test_a_name_that_cannot_be_one_is_no_crash(zone: Zone, name: str) -> None:
    assert fate(zone, name) is Fate.BROKEN


@pytest.mark.parametrize("server", ["ns.example.com", "127.0.0.1:dns", "127.0.0.1:99999", "127.0.0.1:-1", "nobody:53"])
def test_a_server_is_given_by_its_address(server: str) -> None:
    with pytest.raises(NotConfigured) as raised:
        Dns(server)
    assert "IP address in NEWSLETTER_DNS" in raised.value.hint


def test_without_a_network_no_server_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unplugged(socket.socket):
        def sendto(self, *_: object) -> int:
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Unplugged)

    assert Dns("192.0.2.1", patience=1.0).look_up(Question("example.com", "MX")).fate is Fate.UNREACHABLE
