"""The DNS through dnspython; what it calls an exception is an answer here, and the certain are told from the others."""

from __future__ import annotations

from typing import Final

import dns.exception
import dns.rdatatype
import dns.resolver
from dns.rdata import Rdata

from newsletter.core.diagnosis.names import Fate, Lookup, Question
from newsletter.errors import NotConfigured

PATIENCE: Final = 6.0  # seconds for a name, with all tries
_TRY: Final = 2.0  # seconds until the next server is asked, or the same once more


class Dns:
    """The machine's own resolver, or a server given as `host` or `host:port`. Implements `diagnosis.ports.Names`."""

    def __init__(self, server: str = "", *, patience: float = PATIENCE) -> None:
        """Prepare to ask.

        Raises:
            NotConfigured: the server is not given by its IP address, or the port is none.
        """
        self._resolver: dns.resolver.Resolver | None
        try:
            self._resolver = dns.resolver.Resolver(configure=not server)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = None
            return
        if server:
            host, _, port = server.partition(":") if server.count(":") == 1 else (server, "", "")
            try:
                self._resolver.nameservers = [host]
                self._resolver.port = _port(port or "53")
            except ValueError as err:
                hint = "write the server's IP address in NEWSLETTER_DNS, and :port behind it where that is not 53"
                raise NotConfigured(f"{server!r} is no DNS server", hint=hint) from err
        self._resolver.timeout, self._resolver.lifetime = min(_TRY, patience), patience

    def look_up(self, question: Question) -> Lookup:
        """Ask for the records of a name, over TCP where they do not fit into a datagram."""
        if self._resolver is None:
            return Lookup(Fate.UNREACHABLE)
        try:
            answer = self._resolver.resolve(f"{question.name}.", question.type, search=False)
        except dns.exception.DNSException as err:
            return Lookup(_fate(err))
        return Lookup(Fate.FOUND, tuple(sorted(_written(each, question.type) for each in answer)))


def _port(text: str) -> int:
    if not 0 < (port := int(text)) < 65_536:
        raise ValueError(text)
    return port


def _fate(err: dns.exception.DNSException) -> Fate:
    match err:
        case dns.resolver.NXDOMAIN():
            return Fate.NO_NAME
        case dns.resolver.NoAnswer():
            return Fate.NO_RECORD
        case dns.exception.Timeout():
            return Fate.SILENT
        case dns.resolver.NoNameservers() if _never_left(err):
            return Fate.UNREACHABLE
    return Fate.BROKEN  # or a name that cannot be one, or an answer that cannot be read


def _never_left(err: dns.resolver.NoNameservers) -> bool:
    """Tell whether no server was reached: each error is (server, tcp, port, exception, response)."""
    errors = err.kwargs.get("errors", ())
    return bool(errors) and all(isinstance(each[3], OSError) for each in errors)


def _written(record: Rdata, kind: str) -> str:
    """Return a record as people write it: a TXT record's strings are joined without a gap (RFC 7208 3.3)."""
    if kind == "TXT":
        strings: tuple[bytes, ...] = getattr(record, "strings", ())
        return b"".join(strings).decode("utf-8", "replace")
    return " ".join(word.rstrip(".").lower() or "." for word in record.to_text().split())
