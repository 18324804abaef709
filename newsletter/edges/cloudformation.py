"""AWS CloudFormation through botocore: one stack, changed by change sets alone.

Everything here may be asked twice, what makes something with a token that tells CloudFormation so; botocore's retries
are on. CloudFormation itself tries again where a service does not know yet what another has made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final
from uuid import uuid4

from botocore import exceptions as boto
from botocore.config import Config
from botocore.session import Session

from newsletter.core.aws.cloud import Change, Part, Stack
from newsletter.core.publication import SesSettings
from newsletter.edges.aws_errors import UNREADABLE, parts_of
from newsletter.edges.aws_remains import messages_in, remove_empty
from newsletter.edges.cloudformation_errors import AGAIN, SETUP, error_of, hint_for, refuse_too_long
from newsletter.errors import EdgeError

PATIENCE: Final = 30.0  # seconds for an answer
FIRST_PAUSE: Final = 0.2  # seconds until the second look at what CloudFormation does; each pause is twice the last
LONGEST_PAUSE: Final = 5.0
_CHANGE_SET: Final = "newsletter"
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
_UNMADE: Final = ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")  # the first is a proposal that nobody carried out
_FIRM: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
_TROUBLE: Final = (boto.ClientError, boto.BotoCoreError, *UNREADABLE)


class CloudFormation:
    """The stack of one name. Implements `core.aws.cloud.Cloud`."""

    def __init__(self, name: str, settings: SesSettings, *, patience: float = PATIENCE, tries: int = 4) -> None:
        """Make what clients are made of; nothing is asked yet.

        Raises:
            NotConfigured: no region, or an unknown profile.
        """
        self._name = name
        self._place = f"stack {name}"
        config = Config(
            retries={"mode": "standard", "total_max_attempts": tries},
            connect_timeout=5,
            read_timeout=patience,
            user_agent_extra="newsletter",
        )
        with self._translated():
            session = Session(profile=settings.profile)
            self._client: Callable[[str], Any] = lambda service: session.create_client(
                service, settings.region, config=config
            )
            self._stacks: Any = self._client("cloudformation")
        self._place = f"stack {name} in {self.region}"

    def __str__(self) -> str:
        return self._place

    def close(self) -> None:
        """Close the connections."""
        self._stacks.close()

    @property
    def region(self) -> str:
        """Return where the stack is."""
        return str(self._stacks.meta.region_name)

    def look(self) -> Stack | None:
        """Return what is there once nothing is under way any more, or None."""
        with self._translated():
            found = self._settled(self._name)
            return None if found is None else self._stack(found)

    def propose(self, template: str, parameters: Mapping[str, str | None]) -> Sequence[Change]:
        """Make a change set and return what is in it."""
        refuse_too_long(template)
        with self._translated():
            found = self._settled(self._name)
            if found and found["StackStatus"] not in _FIRM:
                hint = "newsletter aws setup --undo removes it; then set up again"
                raise EdgeError(f"{self._place} is left half-made: {found['StackStatus']}", hint=hint)
            self._drop_change_set()
            new: Mapping[str, str] = {"OnStackFailure": "DELETE"} if found is None else {}
            self._stacks.create_change_set(
                StackName=self._name,
                ChangeSetName=_CHANGE_SET,
                ChangeSetType="UPDATE" if found else "CREATE",
                TemplateBody=template,
                Parameters=[_parameter(name, value) for name, value in parameters.items()],
                Capabilities=["CAPABILITY_IAM"],
                ImportExistingResources=True,
                ClientToken=str(uuid4()),
                **new,
            )
            return self._proposed()

    def withdraw(self) -> None:
        """Take the change set back, and the empty stack that CloudFormation keeps for one of a new stack."""
        with self._translated():
            self._drop_change_set()
            found = self._described(self._name)
            if found and found["StackStatus"] == "REVIEW_IN_PROGRESS":
                self._stacks.delete_stack(StackName=self._name)

    def carry_out(self) -> Stack:
        """Execute the change set; CloudFormation undoes what it did if a part fails."""
        with self._translated():
            found = self._described(self._name)
            identity = found["StackId"] if found else self._name
            token = str(uuid4())
            self._stacks.execute_change_set(StackName=self._name, ChangeSetName=_CHANGE_SET, ClientRequestToken=token)
            done = self._settled(identity)
            if done is None or "ROLLBACK" in done["StackStatus"] or done["StackStatus"] not in _FIRM:
                raise self._failure(identity, "was not set up, and nothing of it stays")
            return self._stack(done)

    def remove(self) -> None:
        """Delete the stack."""
        with self._translated():
            found = self._described(self._name)
            if found is None:
                return
            self._stacks.delete_stack(StackName=found["StackId"])
            if self._settled(found["StackId"]) is not None:
                raise self._failure(found["StackId"], "was not removed")

    def remove_bucket(self, name: str) -> bool:
        """Delete a bucket, unless something is in it."""
        with self._translated(), closing(self._client("s3")) as s3:
            return remove_empty(s3, name)

    def waiting(self, queue: str) -> int:
        """Count the messages of a queue."""
        with self._translated(), closing(self._client("sqs")) as sqs:
            return messages_in(sqs, queue)

    def _described(self, identity: str) -> Any:
        """Return what CloudFormation tells about the stack; None if there is none."""
        try:
            (found,) = self._stacks.describe_stacks(StackName=identity)["Stacks"]
        except boto.ClientError as err:
            if "does not exist" in parts_of(err)[1]:
                return None
            raise
        return found

    def _settled(self, identity: str) -> Any:
        """Wait until nothing is under way; return what the stack is then, or None if nothing was made."""
        for _ in _looks():
            found = self._described(identity)
            if found is None or found["StackStatus"] in _UNMADE:
                break
            if not found["StackStatus"].endswith("IN_PROGRESS"):
                return found
        return None

    def _stack(self, found: Any) -> Stack:
        pages = self._stacks.get_paginator("list_stack_resources").paginate(StackName=found["StackId"])
        parts = [
            Part(each["LogicalResourceId"], _kind(each["ResourceType"]), each.get("PhysicalResourceId", ""))
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceStatus"] != "DELETE_COMPLETE"
        ]
        return Stack(parts, {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())})

    def _proposed(self) -> Sequence[Change]:
        for _ in _looks():
            told = self._stacks.describe_change_set(StackName=self._name, ChangeSetName=_CHANGE_SET)
            if told["Status"] == "FAILED":
                reason = told.get("StatusReason", "")
                if any(words in reason for words in _NO_CHANGES):
                    return []
                reason = self._findings(ChangeSetName=told["ChangeSetId"]) or reason
                raise EdgeError(f"{self._place} cannot become so: {reason}", hint=hint_for(reason) or SETUP)
            if told["Status"] == "CREATE_COMPLETE":
                break
        pages = self._stacks.get_paginator("describe_change_set").paginate(
            StackName=self._name, ChangeSetName=_CHANGE_SET
        )
        return [_change(each["ResourceChange"]) for page in pages for each in page["Changes"]]

    def _drop_change_set(self) -> None:
        try:
            self._stacks.delete_change_set(StackName=self._name, ChangeSetName=_CHANGE_SET)
        except boto.ClientError as err:
            if "does not exist" not in parts_of(err)[1]:
                raise

    def _failure(self, identity: str, what: str) -> EdgeError:
        """Return why the last thing that was tried failed: of all that went wrong, what went wrong first."""
        first = ""
        for event in self._stacks.describe_stack_events(StackName=identity)["StackEvents"]:  # the newest is the first
            reason = event.get("ResourceStatusReason", "")
            if first and reason == "User Initiated":  # where this began
                break
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
                first = f"{event['LogicalResourceId']}: {reason}"
        if "DescribeEvents" in first:
            first = self._findings(StackName=identity) or first
        return EdgeError(f"{self._place} {what}: {first}".rstrip(": "), hint=hint_for(first) or AGAIN)

    def _findings(self, **which: str) -> str:
        """Return what CloudFormation found wrong before it began: it says so in a place of its own."""
        told = self._stacks.describe_events(**which, Filters={"FailedEvents": True})["OperationEvents"]
        found = {each["LogicalResourceId"]: each.get("ValidationStatusReason", "") for each in told}
        return "; ".join(f"{name}: {reason}" for name, reason in found.items() if reason)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _TROUBLE as err:
            raise error_of(err, self._place) from err


def _looks() -> Iterator[None]:
    """Yield for each look at what CloudFormation does, with longer and longer pauses between them."""
    pause = FIRST_PAUSE
    while True:
        yield
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _parameter(name: str, value: str | None) -> Mapping[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}


def _change(told: Any) -> Change:
    replaced = told.get("Replacement") in {"True", "Conditional"}
    return Change(told["Action"].lower(), told["LogicalResourceId"], _kind(told["ResourceType"]), replaced)


def _kind(resource_type: str) -> str:
    return resource_type.removeprefix("AWS::").replace("::", " ")
