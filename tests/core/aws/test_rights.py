"""The tool may do what its code does: each call to Amazon that stands in the edges is in the policy."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

from newsletter import edges
from newsletter.web import unsubscribing
from tests.core.aws.reading import ALL, resources

# `aws setup` itself needs an administrator's rights.
OF_THE_ADMINISTRATOR = {"cloudformation.py", "cloudformation_errors.py", "aws_remains.py"}
# To ask who one is takes no rights, and what puts wishes into the queue runs as a function with a role of its own.
# "unsubscribe" is what readers do here, and no call to SNS.
OF_OTHERS = {"sts:GetCallerIdentity", "sqs:SendMessage", "sns:Unsubscribe"}

PREFIXES = {"sesv2": "ses"}
# What is asked for where it is not called as the operation is; `core.aws.events` says where SES's is written down.
ASKED_FOR = {
    "ses:SendEmail": {"ses:SendEmail", "ses:SendRawEmail"},
    "ses:SendBulkEmail": {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "s3:HeadBucket": {"s3:ListBucket"},
    "sqs:DeleteMessageBatch": {"sqs:DeleteMessage"},
}


def edges_of_the_tool() -> list[Path]:
    folder = Path(str(edges.__file__)).parent
    return [each for each in folder.glob("*.py") if each.name not in OF_THE_ADMINISTRATOR]


def called(files: Iterable[Path]) -> set[str]:
    """Return the actions of all operations that stand in the code, as a method or by name."""
    trees = [ast.parse(each.read_text(encoding="utf-8")) for each in files]
    words = {word for tree in trees for word in words_in(tree)}
    session = botocore.session.get_session()
    found = {
        f"{PREFIXES.get(service, service)}:{operation}"
        for service in {name for tree in trees for name in services_in(tree)}
        for operation in session.get_service_model(service).operation_names
        if words & {operation, xform_name(operation)}
    }
    return {action for each in found for action in ASKED_FOR.get(each, {each})}


def services_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and "client" in ast.unparse(node.func).rpartition(".")[2]:
            yield from (str(each.value) for each in node.args[:1] if isinstance(each, ast.Constant))


def words_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def tool() -> list[Mapping[str, Any]]:
    statements: list[Mapping[str, Any]] = resources(ALL)["ToolPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    return statements


def function() -> list[Mapping[str, Any]]:
    (policy,) = resources(ALL)["UnsubscribeRole"]["Properties"]["Policies"]
    statements: list[Mapping[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def allowed(statements: Iterable[Mapping[str, Any]]) -> set[str]:
    actions = [each["Action"] for each in statements]
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}


def test_every_call_that_stands_in_the_code_is_allowed() -> None:
    assert called(edges_of_the_tool()) - OF_OTHERS - allowed(tool()) == set()


def test_the_calls_are_found_in_the_code() -> None:
    expected = {"ses:SendRawEmail", "ses:SendBulkEmail", "ses:GetAccount", "s3:PutObject", "sqs:ReceiveMessage"}
    assert expected <= called(edges_of_the_tool())


def test_the_function_may_do_what_it_does_and_write_its_log() -> None:
    does = called([Path(str(unsubscribing.__file__))])
    assert does == {"secretsmanager:GetSecretValue", "sqs:SendMessage"}
    assert allowed(function()) == does | {"logs:CreateLogStream", "logs:PutLogEvents"}


def test_nothing_is_allowed_by_a_pattern() -> None:
    assert not [action for action in allowed([*tool(), *function()]) if "*" in action]


def test_what_amazon_can_limit_is_limited_to_what_the_template_makes() -> None:
    (unlimited,) = [each for each in [*tool(), *function()] if each["Resource"] == "*"]
    assert not [each for each in unlimited["Action"] if not re.search("GetAccount|SuppressedDestination", each)]
