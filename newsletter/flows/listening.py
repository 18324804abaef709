"""Take in what SES tells while a mailing goes out, so that canary and limits see live figures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from newsletter.core.delivery import Mailing
from newsletter.core.ports.feedback import Events
from newsletter.core.reputation import Tally
from newsletter.errors import NewsletterError
from newsletter.flows.feedback import WAIT, Post, take_some

LONGEST_BEGINNING = 5.0  # seconds
REST = 0.1  # seconds; about as long as some hundred events take
TRY_AGAIN_AFTER = 30.0  # seconds


class Listening:
    """Reads the queue in a thread of its own. Implements `core.ports.Feedback`.

    The sending comes first: the thread rests after each portion, and whatever goes wrong in it is told once by `warn`
    and tried again later. Before the first reading, and while it goes wrong, nobody listens.
    """

    wanted = True

    def __init__(
        self,
        events: Events,
        open_post: Callable[[], Post],
        warn: Callable[[str], None],
        *,
        try_again_after: float = TRY_AGAIN_AFTER,
    ) -> None:
        self._events, self._open_post, self._warn, self._patience = events, open_post, warn, try_again_after
        self._deaf, self._told = True, False
        self._asked = threading.Event()

    def tally(self, mailing: Mailing) -> Tally | None:
        """Return what has come back of a mailing so far, or None while the queue is not or cannot be read."""
        return None if self._deaf else self._events.tally(mailing)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take in what comes while the block runs; it begins once the queue has been asked for the first time."""
        ended = threading.Event()
        thread = threading.Thread(target=self._listen, args=(ended,), name="feedback", daemon=True)
        thread.start()
        self._asked.wait(LONGEST_BEGINNING)
        try:
            yield
        finally:
            ended.set()
            thread.join(2 * WAIT)  # for its last answer; a queue that does not answer is not waited for

    def _listen(self, ended: threading.Event) -> None:
        post: Post | None = None
        while not ended.is_set():
            try:
                post = post or self._open_post()
                haul = take_some(post, wait=WAIT if self._asked.is_set() else 0)
                self._deaf = False
                self._asked.set()
                for name in haul.set_aside:
                    self._warn(f"set aside: {name}")
            except NewsletterError as err:
                self._fail(str(err))
                ended.wait(self._patience)
            except Exception as err:  # noqa: BLE001 - a defect in reading must not end the sending
                self._fail(f"a defect of this program: {type(err).__name__}")
                break
            else:
                ended.wait(REST)
        if post:
            post.inbox.close()

    def _fail(self, why: str) -> None:
        self._deaf = True
        self._asked.set()
        if not self._told:
            self._told = True
            self._warn(f"warning: bounces and complaints are not seen while this goes out: {why}")
