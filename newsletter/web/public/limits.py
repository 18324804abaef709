"""How often somebody may try: a sliding window in the memory of this process, which stays small."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

LONGEST = 254  # characters of a key that count, which is as long as an address may be (RFC 5321 4.5.3.1.3)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many tries of one key within some seconds.

    A restart forgets them, and several processes each count for themselves: it is against floods, not a promise. Of
    more than `most_known` keys, whoever has been quiet for longest is forgotten.
    """

    tries: int
    seconds: float
    most_known: int = 10_000
    _known: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, key: str, now: float) -> int:
        """Count a try at a time in monotonic seconds; return 0, or after how many seconds another one is welcome."""
        key = key[:LONGEST]
        with self._lock:
            tries = self._known.setdefault(key, deque())
            self._known.move_to_end(key)
            if len(self._known) > self.most_known:
                self._known.popitem(last=False)
            while tries and tries[0] <= now - self.seconds:
                tries.popleft()
            if len(tries) >= self.tries:
                return math.ceil(tries[0] + self.seconds - now)
            tries.append(now)
            return 0


def household(ip: str) -> str:
    """Return what an IP address is counted as: an IPv6 customer has at least a /64 of them (RFC 6177)."""
    address = ip_address(ip) if ip else None
    if not isinstance(address, IPv6Address):
        return ip
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
