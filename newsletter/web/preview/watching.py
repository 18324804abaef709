"""Watching the project's files; the only module that knows watchfiles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from newsletter.edges.files import PUBLICATION, Project

STEP = 40  # milliseconds without a change after which those before count as one save
DEBOUNCE = 400  # milliseconds after which changes are told although more keep coming
PAUSE = 0.5  # seconds before watching is tried again after it failed
SETTLED = 500  # milliseconds after which a watch is surely set up
ALL_LAYOUTS = ""  # a change of `layout:` in the publication then needs no other watch


class Watch:
    """Calls `changed` in the event loop after every change of a project, until `stop`."""

    def __init__(self, project: Project, changed: Callable[[], None]) -> None:
        self._project = project
        self._changed = changed
        self._stopped = False
        self._round_over = asyncio.Event()
        self._polling: bool | None = None  # None: as the system can
        self._rounds = 0

    def stop(self) -> None:
        """End `run` within a moment."""
        self._stopped = True
        self._round_over.set()

    async def run(self) -> None:
        """Watch in rounds; when a watched folder comes or goes its watch goes with it, and a new round begins."""
        while not self._stopped:
            self._round_over.clear()
            self._rounds += 1
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._watch_folders())
                    group.create_task(self._watch_root())
            except* FileNotFoundError:  # gone between the listing and the watch
                await asyncio.sleep(PAUSE)
            except* (OSError, RuntimeError):  # for instance too many inotify watches on this machine
                self._polling = True
                await asyncio.sleep(PAUSE)
            self._changed()

    async def _watch_folders(self) -> None:
        """Watch everything in issues/ and layouts/."""
        folders = [path for path in self._project.watched(ALL_LAYOUTS) if path.is_dir()]
        await self._watch(folders, DefaultFilter(ignore_dirs=()), recursive=True)

    async def _watch_root(self) -> None:
        """Watch publication.yaml, and the project's folders come and go.

        A file is watched through its folder: editors save by replacing it, and a watch on the file itself would stay
        with the one replaced.
        """
        root, names = self._project.root.resolve(), {PUBLICATION, "issues", "layouts"}

        def is_ours(_: Change, path: str) -> bool:
            return Path(path).parent == root and Path(path).name in names

        await self._watch([root], is_ours, recursive=False)

    async def _watch(self, paths: list[Path], is_ours: Callable[[Change, str], bool], *, recursive: bool) -> None:
        # What is saved while one watch follows another is seen by neither, so a later round begins with a change.
        blind = self._rounds > 1
        # Cancelling awatch waits for its thread to time out; the event ends it within a step.
        async for changes in awatch(
            *paths,
            watch_filter=is_ours,
            debounce=DEBOUNCE,
            step=STEP,
            stop_event=self._round_over,
            recursive=recursive,
            force_polling=self._polling,
            rust_timeout=SETTLED,
            yield_on_timeout=True,
        ):
            if changes or blind:
                self._changed()
            blind = False
            if not recursive and any(Path(path).name != PUBLICATION for _, path in changes):
                self._round_over.set()
