"""What there is to see, rendered once per change: in a thread of its own, so that the server keeps answering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from newsletter.flows.preview import Broken, Sight, look
from newsletter.wiring import Here

Report = Callable[[Exception], str]


class Sights:
    """Keeps the sight of every issue until `forget`; whoever asks while one is being rendered gets the same."""

    def __init__(self, here: Here, report: Report) -> None:
        """Keep the sights of a project; `report` tells the editor of a defect and returns where its details are."""
        self._here = here
        self._report = report
        self._kept: dict[str, asyncio.Future[Sight]] = {}
        # One at a time: the libraries that render do not promise to be safe in several threads.
        self._renderer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")

    def issues(self) -> list[str]:
        """Return the names of all issues, newest first."""
        return list(reversed(self._here.project.issues()))

    async def of(self, issue: str) -> Sight:
        """Return the sight of an issue."""
        if issue not in self._kept:
            self._kept[issue] = asyncio.get_running_loop().run_in_executor(self._renderer, self._look, issue)
        # A browser that goes away must not cancel what others wait for.
        return await asyncio.shield(self._kept[issue])

    def forget(self) -> None:
        """Render anew from now on: a file has changed."""
        self._kept.clear()

    def close(self) -> None:
        """End the thread."""
        self._renderer.shutdown(cancel_futures=True)

    def _look(self, issue: str) -> Sight:
        try:
            return look(self._here.project, issue, self._here.environment)
        except Exception as err:  # noqa: BLE001 - a second boundary: a defect must not end the preview
            return Broken(f"the issue met a defect of this program: {type(err).__name__}", self._report(err))
