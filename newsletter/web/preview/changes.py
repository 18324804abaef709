"""The news that something changed, for everybody who waits for it; lives in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

STILL_HERE = 15.0  # seconds; proxies and browsers drop a stream that stays silent for long


class Changes:
    """Counts changes and wakes who waits; after `close` nobody waits any longer."""

    def __init__(self) -> None:
        self.count = 0
        self.closed = False
        self._news = asyncio.Event()

    def announce(self) -> None:
        """Tell everybody that something changed."""
        self.count += 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    def close(self) -> None:
        """Send everybody home."""
        self.closed = True
        self._news.set()

    async def stream(self) -> AsyncIterator[str]:
        """Yield server-sent events: `hello` at once, `change` after changes (those in between count as one)."""
        seen = self.count
        yield f"event: hello\ndata: {seen}\n\n"
        while not self.closed:
            if self.count != seen:
                seen = self.count
                yield f"event: change\ndata: {seen}\n\n"
                continue
            try:
                async with asyncio.timeout(STILL_HERE):
                    await self._news.wait()
            except TimeoutError:
                yield ": still here\n\n"
