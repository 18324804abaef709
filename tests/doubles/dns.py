"""A DNS server on the loopback interface, over UDP and TCP, that answers from a zone and fails as it is told."""

from __future__ import annotations

import errno
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SILENT = "silent"
_LARGEST_DATAGRAM = 1232


@dataclass
class Zone:
    """What the server knows: records by name and type, and how a name fails: `SERVFAIL`, `REFUSED`, silent."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.port}"

    def put(self, name: str, kind: str, *values: str) -> None:
        """Set the records of a name; without values there are none."""
        self.records[name, kind] = list(values)
        if not values:
            del self.records[name, kind]

    def answer(self, wire: bytes, way: str) -> bytes | None:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, way))
        if self.ended.wait(self.delay):
            return None  # who asked has gone, and the sockets are closed
        failing = self.failing.get(name, "")
        if failing == SILENT:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if failing:
            response.set_rcode(dns.rcode.from_text(failing))
        elif values := self.records.get((name, kind)):
            quoted = [_quoted(value) if kind == "TXT" else value for value in values]
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *quoted))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        if way == "udp" and len(response.to_wire()) > _LARGEST_DATAGRAM:
            response.answer.clear()
            response.flags |= dns.flags.TC
        return response.to_wire()


def _quoted(value: str) -> str:
    """Return a TXT value as strings of at most 255 octets (RFC 1035 3.3.14)."""
    return " ".join('"' + value[at : at + 255].replace('"', r"\"") + '"' for at in range(0, len(value), 255))


@contextmanager
def running_dns() -> Iterator[Zone]:
    """Run the server on one port for both ways."""
    zone = Zone()

    class OverUdp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            if (said := zone.answer(wire, "udp")) is not None:
                socket.sendto(said, self.client_address)

    class OverTcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            if (said := zone.answer(self.rfile.read(length), "tcp")) is not None:
                self.wfile.write(struct.pack("!H", len(said)) + said)

    class Udp(socketserver.ThreadingUDPServer):
        """Waits for its threads when it is closed."""

    class Tcp(socketserver.ThreadingTCPServer):
        """Likewise."""

    def over_udp(port: int) -> Udp:
        return Udp(("127.0.0.1", port), OverUdp)

    tcp, udp = _on_one_port(lambda: Tcp(("127.0.0.1", 0), OverTcp), over_udp)
    with tcp, udp:
        zone.port = udp.server_address[1]
        servers: list[Any] = [udp, tcp]
        threads = [threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.01}) for each in servers]
        for thread in threads:
            thread.start()
        try:
            yield zone
        finally:
            zone.ended.set()
            for each in servers:
                each.shutdown()
            for thread in threads:
                thread.join()


def _on_one_port(
    over_tcp: Callable[[], socketserver.TCPServer], over_udp: Callable[[int], socketserver.UDPServer]
) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Open both on one port, on another one if somebody has taken it for UDP."""
    while True:
        tcp = over_tcp()
        try:
            return tcp, over_udp(tcp.server_address[1])
        except OSError as err:
            tcp.server_close()
            if err.errno != errno.EADDRINUSE:
                raise
