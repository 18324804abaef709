"""Opens and clicks that no person made, by stated rules; they are kept, and shown apart.

Nobody can tell for certain. What a rule below calls a machine is none of the reader's doing as far as is known; what no
rule catches may still be one. An open through Gmail's or Yahoo's image proxy is a person's: the proxy asks when they
look. Apple's Mail Privacy Protection asks for every picture soon after the message came, whether anybody looks or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from newsletter.core.feedback import Event, Kind

# Programs that say what they are, as whole words: link scanners, previews of chats, crawlers, bare HTTP clients.
_SCANNERS: Final = re.compile(
    r"\b(\w*bot|\w*crawler|\w*spider|\w*scanner|preview|slurp|headless\w*|phantomjs|python-\w+|aiohttp|httpx|curl|wget|"
    r"libwww-perl|go-http-client|java|okhttp|node-fetch|axios|apache-httpclient|barracuda\w*|mimecast|proofpoint|"
    r"safelinks|fireeye|symantec|trendmicro|ironport|facebookexternalhit|whatsapp|skypeuripreview)\b",
    re.IGNORECASE,
)
# Apple's proxy gives these words alone, without a name of a browser behind them
# (https://developer.apple.com/videos/play/wwdc2021/10085/ announces it; the words are what servers see).
_APPLE_PROXY: Final = "Mozilla/5.0"
# Proxies that fetch a picture when a person looks (Gmail, Yahoo): no machine, though they hide where and with what.
_PROXIES: Final = ("GoogleImageProxy", "YahooMailProxy")
# Nobody reads and clicks within so little after SES took the message: it has only just arrived.
TOO_SOON: Final = timedelta(seconds=10)
# Link scanners follow every link of a message at once; people do not.
MANY_LINKS: Final = 3
AT_ONCE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Attention:
    """How many readers opened a mailing and clicked in it, and for how many only programs did."""

    opened: int = 0
    clicked: int = 0
    opened_by_machines: int = 0
    clicked_by_machines: int = 0


def is_machine(event: Event) -> bool:
    """Tell whether an open or a click was a program's; by the event alone, so that the order of events is no matter."""
    if event.kind not in {Kind.OPEN, Kind.CLICK}:
        return False
    agent = event.user_agent.strip()
    if any(proxy in agent for proxy in _PROXIES):
        return False
    if not agent or agent == _APPLE_PROXY or _SCANNERS.search(agent):
        return True
    return event.at is not None and event.sent_at is not None and event.at - event.sent_at < TOO_SOON


def is_scan(clicks: Iterable[tuple[datetime, str]]) -> bool:
    """Tell whether the clicks on one message, each with its time and its link, hold a run over many links at once."""
    ordered = sorted(clicks)
    for place, (begin, _) in enumerate(ordered):
        links = {link for at, link in ordered[place:] if at - begin <= AT_ONCE}
        if len(links) >= MANY_LINKS:
            return True
    return False
