"""The door in: the sign-up form, the link that confirms, and the way back for whoever left by mistake."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import assert_never

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsletter.core.links import Bearer
from newsletter.core.subscriber import address_key
from newsletter.flows import readers as flow
from newsletter.flows.readers import Asked, Reception, Wishes
from newsletter.web.public.door import TOO_OFTEN, WRONG, Door, form_of, ip_of, text_of, topics_of, two_ways
from newsletter.web.public.limits import Limit, household
from newsletter.web.public.pages import Button, SignUpForm

AS_LONG_FOR_ALL = 1.0  # seconds that a sign-up takes at least, so that its time does not tell who is on the list


@dataclass(frozen=True, slots=True)
class Joining:
    """Takes sign-ups: some in ten minutes from an IP address, a few in an hour for an email address."""

    door: Door
    at: Reception
    at_least: float
    per_household: Limit = field(default_factory=lambda: Limit(20, 600.0))
    per_address: Limit = field(default_factory=lambda: Limit(5, 3600.0))

    def routes(self) -> list[Route]:
        """Return the routes."""
        base = self.door.served
        return [
            two_ways(f"{base}/subscribe", self._form, self._sign_up),
            Route(f"{base}/embed", self._snippet, methods=["GET"]),
            two_ways(f"{base}/confirm/{{token}}", self._ask, self._confirm),
            Route(f"{base}/return/{{token}}", self._come_back, methods=["POST"]),
        ]

    def back(self, bearer: Bearer) -> Button:
        """Return the button that undoes leaving."""
        words = self.door.pages.words
        return Button(words["come_back"], self.door.path("return", bearer), words["come_back_text"])

    async def _form(self, _: Request) -> Response:
        return HTMLResponse(self.door.pages.sign_up(SignUpForm()), headers={"X-Robots-Tag": "all"})

    async def _snippet(self, _: Request) -> Response:
        return PlainTextResponse(self.door.pages.snippet(f"{self.door.public}/subscribe"))

    async def _sign_up(self, request: Request) -> Response:
        begun = time.monotonic()
        if wait := self.per_household.wait(household(ip_of(request)), begun):
            return self.door.says("often", status=TOO_OFTEN, wait=wait)
        form = await form_of(request)
        filled = SignUpForm(
            text_of(form, "address").strip(),
            text_of(form, "first_name"),
            text_of(form, "last_name"),
            topics_of(form),
        )
        if wait := self.per_address.wait(address_key(filled.address), begun):
            return self.door.says("often", status=TOO_OFTEN, wait=wait)
        asked = Asked.YES
        if not text_of(form, "homepage"):  # people do not see that field; programs fill it in
            asked = await run_in_threadpool(self._asked, filled, ip_of(request))
        await asyncio.sleep(max(0.0, begun + self.at_least - time.monotonic()))
        return self._answer(asked, filled)

    def _asked(self, filled: SignUpForm, ip: str) -> Asked:
        wishes = Wishes(first_name=filled.first_name, last_name=filled.last_name, topics=filled.topics)
        return flow.sign_up(self.at, filled.address, wishes, ip)

    def _answer(self, asked: Asked, filled: SignUpForm) -> Response:
        match asked:
            case Asked.YES:
                return self.door.says("asked")
            case Asked.WRONG:
                wrong = self.door.pages.words["wrong_address"]
                return HTMLResponse(self.door.pages.sign_up(filled, wrong=wrong), WRONG)
        assert_never(asked)

    async def _ask(self, request: Request) -> Response:
        bearer = self.door.bearer("confirm", request)
        if isinstance(bearer, Response):
            return bearer
        return self.door.says("confirm", Button(self.door.pages.words["confirm"]))

    async def _confirm(self, request: Request) -> Response:
        bearer = self.door.bearer("confirm", request)
        if isinstance(bearer, Response):
            return bearer
        joined = await run_in_threadpool(flow.confirm, self.at, bearer, ip_of(request))
        return self._welcomed(bearer) if joined else self.door.absent()

    async def _come_back(self, request: Request) -> Response:
        bearer = self.door.bearer("return", request)
        if isinstance(bearer, Response):
            return bearer
        joined = await run_in_threadpool(flow.come_back, self.at, bearer, ip_of(request))
        return self._welcomed(bearer) if joined else self.door.absent()

    def _welcomed(self, bearer: Bearer) -> Response:
        to_preferences = self.door.path("preferences", bearer), self.door.pages.words["preferences_title"]
        return self.door.says("confirmed", link=to_preferences)
