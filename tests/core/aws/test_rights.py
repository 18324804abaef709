"""The tool may do what its code does: each call to Amazon that stands in the edges is in the policy."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
from botocore import xform_name

from newsletter import edges
from tests.core.aws.reading import ALL, resources

# `aws setup` itself needs an administrator's rights; asking who one is needs none.
OF_THE_ADMINISTRATOR = {"cloudformation.py", "cloudformation_errors.py", "aws_remains.py"}
FREE = {"sts:GetCallerIdentity"}

PREFIXES = {"sesv2": "ses"}
# Service authorization reference: what is asked for where it is not called as the operation is.
ASKED_FOR = {
    "ses:SendEmail": {"ses:SendEmail", "ses:SendRawEmail"},
    "ses:SendBulkEmail": {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "s3:HeadBucket": {"s3:ListBucket"},
    "sqs:DeleteMessageBatch": {"sqs:DeleteMessage"},
}


def called() -> set[str]:
    """Return the actions of all operations that the edges name, as a method or by its name."""
    folder = Path(str(edges.__file__)).parent
    trees = [
        ast.parse(each.read_text(encoding="utf-8"))
        for each in folder.glob("*.py")
        if each.name not in OF_THE_ADMINISTRATOR
    ]
    words = {word for tree in trees for word in words_in(tree)}
    session = botocore.session.get_session()
    return {
        f"{PREFIXES.get(service, service)}:{operation}"
        for service in {name for tree in trees for name in services_in(tree)}
        for operation in session.get_service_model(service).operation_names
        if words & {operation, xform_name(operation)}
    }


def services_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "client" in node.func.attr:
            yield from (str(each.value) for each in node.args[:1] if isinstance(each, ast.Constant))


def words_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def allowed() -> set[str]:
    statements = resources(ALL)["ToolPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    actions = [each["Action"] for each in statements]
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}


def test_every_call_that_stands_in_the_code_is_allowed() -> None:
    needed = {action for each in called() for action in ASKED_FOR.get(each, {each})}
    assert needed - FREE - allowed() == set()


def test_the_calls_are_found_in_the_code() -> None:
    assert {"ses:SendEmail", "ses:SendBulkEmail", "ses:GetAccount", "s3:PutObject", "sqs:ReceiveMessage"} <= called()


def test_nothing_is_allowed_by_a_pattern() -> None:
    assert not [action for action in allowed() if "*" in action]


def test_what_amazon_can_limit_is_limited_to_what_the_template_makes() -> None:
    statements = resources(ALL)["ToolPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (unlimited,) = [each for each in statements if each["Resource"] == "*"]
    assert {
        action for action in unlimited["Action"] if not re.search("GetAccount|SuppressedDestination", action)
    } == set()
