"""Sending processes that kill themselves at a named step, or are killed: real processes, SIGKILL, nothing tidied up.

`python -m tests.e2e.killing` loads the program once and then forks a process per order, because loading takes longer
than sending. An order is a line of JSON; the answer is the new process's id; it starts at a second line, and how it
ended is the second answer.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from newsletter import wiring
from newsletter.cli.app import run
from newsletter.edges.ses import Ses
from newsletter.flows.build import edition
from newsletter.flows.office import Office
from newsletter.flows.planning import Request, plan
from newsletter.flows.send import send


class Step(StrEnum):
    """Where a sending process dies; `in_`: everything is written, nothing of it committed."""

    BEFORE_FREEZE = "before freeze"
    IN_FREEZE = "in freeze"
    AFTER_FREEZE = "after freeze"
    BEFORE_JOIN = "before join"
    IN_JOIN = "in join"
    AFTER_JOIN = "after join"
    BEFORE_RENEW = "before renew"
    IN_RENEW = "in renew"
    AFTER_RENEW = "after renew"
    BEFORE_CLAIM = "before claim"
    IN_CLAIM = "in claim"
    AFTER_CLAIM = "after claim"
    BEFORE_SEND = "before send"
    AFTER_SEND = "after send"
    BEFORE_SETTLE = "before settle"
    IN_SETTLE = "in settle"
    AFTER_SETTLE = "after settle"
    BEFORE_LEAVE = "before leave"
    IN_LEAVE = "in leave"
    AFTER_LEAVE = "after leave"
    BEFORE_FINISH = "before finish"
    IN_FINISH = "in finish"
    AFTER_FINISH = "after finish"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed:
    """A port as it is, except that the process dies at the nth call of one of its methods."""

    def __init__(self, port: Any, step: Step, nth: int) -> None:
        self._port, self._left = port, nth
        self._moment, self._method = step.split()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        return self._dying(attribute) if name == self._method else attribute

    def _dying(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left:
                return call(*arguments, **options)
            if self._moment == "before":
                die()
            if self._moment == "in":
                event.listen(Engine, "commit", lambda _: die())
            result = call(*arguments, **options)
            die()
            return result

        return dying


def doomed(office: Office, step: Step, nth: int) -> Office:
    ports = dict.fromkeys(("join", "renew", "leave"), "senders") | dict.fromkeys(("freeze", "finish"), "mailings")
    port = (ports | {"send": "transport"}).get(step.split()[1], "ledger")
    changes: dict[str, Any] = {port: Doomed(getattr(office, port), step, nth)}
    return dataclasses.replace(office, **changes)


def send_until(step: Step, nth: int, issue: str) -> int:
    """Send as `newsletter send` does, and die at the nth time of a step."""
    here = wiring.here(None)
    made = edition(here.project, issue, here.environment)
    with wiring.office(here, made.publication, print) as office:
        ending = doomed(office, step, nth)
        send(plan(made, Request(), ending), ending, tell=lambda _: None, stop_asked=lambda: False)
    return 0


def send_impatiently(patience: float, issue: str) -> int:
    """Send as `newsletter send` does, but wait only so many seconds for each answer of SES."""
    here = wiring.here(None)
    made = edition(here.project, issue, here.environment)
    with (
        wiring.office(here, made.publication, print) as office,
        closing(Ses(made.publication.ses, patience=patience)) as way,
    ):
        impatient = dataclasses.replace(office, transport=way)
        sent = send(plan(made, Request(), impatient), impatient, tell=lambda _: None, stop_asked=lambda: False)
    return 3 if sent.stopped else 0


def carry_out(order: Mapping[str, Any]) -> int:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(Path(order["said"]) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    if order["step"]:
        return send_until(Step(order["step"]), order["nth"], order["arguments"][1])
    if order["patience"]:
        return send_impatiently(order["patience"], order["arguments"][1])
    return run(order["arguments"])


def serve() -> None:
    for line in sys.stdin:
        waiting, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go)
            os.read(waiting, 1)
            code = 70
            try:
                code = carry_out(json.loads(line))
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
        os.close(waiting)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        os.close(go)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


def warm_up(root: Path) -> None:
    """Load what is only loaded when it is needed."""
    import newsletter.edges.outbox  # noqa: PLC0415
    import newsletter.edges.store  # noqa: F401, PLC0415
    from newsletter.edges.files import Project  # noqa: PLC0415

    edition(Project(root), "vol-1-issue-6", {})
    gc.collect()
    gc.freeze()  # what is loaded stays; looking through it again takes each process longer than sending


if __name__ == "__main__":
    warm_up(Path(__file__).parents[2])
    serve()
