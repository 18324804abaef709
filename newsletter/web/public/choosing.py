"""The door to a reader's preferences: names, topics, a pause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.core.links import Bearer
from newsletter.flows import readers as flow
from newsletter.flows.readers import Reception, Wishes
from newsletter.web.public.door import WRONG, Door, form_of, text_of, topics_of, two_ways
from newsletter.web.public.leaving import UNSUBSCRIBE

PREFERENCES = "preferences"


@dataclass(frozen=True, slots=True)
class Choosing:
    """Shows on GET what is chosen, and changes it on POST."""

    door: Door
    at: Reception

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [two_ways(f"{self.door.served}/{PREFERENCES}/{{token}}", self._show, self._save)]

    async def _show(self, request: Request) -> Response:
        bearer = self.door.bearer(PREFERENCES, request)
        if isinstance(bearer, Response):
            return bearer
        reader = await run_in_threadpool(flow.reader_of, self.at, bearer)
        if reader is None:
            return self.door.absent()
        return HTMLResponse(self.door.pages.preferences(reader, leave=self._way_out(bearer)))

    async def _save(self, request: Request) -> Response:
        bearer = self.door.bearer(PREFERENCES, request)
        if isinstance(bearer, Response):
            return bearer
        form = await form_of(request)
        wishes = Wishes(
            first_name=text_of(form, "first_name"), last_name=text_of(form, "last_name"), topics=topics_of(form)
        )
        day = text_of(form, "pause").strip()
        until = _beginning(day)
        if day and not (until and flow.may_pause(until, self.at.now)):
            return await run_in_threadpool(self._once_more, bearer, wishes)
        reader = await run_in_threadpool(flow.prefer, self.at, bearer, wishes, until)
        if reader is None:
            return self.door.absent()
        return HTMLResponse(self.door.pages.preferences(reader, leave=self._way_out(bearer), saved=True))

    def _once_more(self, bearer: Bearer, wishes: Wishes) -> Response:
        """Return the form as it was filled in, and what is wrong with its day."""
        reader = flow.reader_of(self.at, bearer)
        if reader is None:
            return self.door.absent()
        filled = replace(reader, first_name=wishes.first_name, last_name=wishes.last_name, tags=wishes.topics)
        wrong = self.door.pages.words["wrong_day"]
        return HTMLResponse(self.door.pages.preferences(filled, leave=self._way_out(bearer), wrong=wrong), WRONG)

    def _way_out(self, bearer: Bearer) -> str:
        return self.door.path(UNSUBSCRIBE, bearer)


def _beginning(day: str) -> datetime | None:
    """Return the moment at which a day begins, UTC, if it is one."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        return None
