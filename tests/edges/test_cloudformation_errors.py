"""What CloudFormation can answer to our calls has a hint, which names the permission that is missing."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import exceptions

from newsletter.edges.aws_errors import CREDENTIALS, STAGES
from newsletter.edges.cloudformation_errors import HINTS, LONGEST, error_of, hint_for, refuse_too_long
from newsletter.errors import BadInput, EdgeError, NotConfigured

CLOUDFORMATION = botocore.session.get_session().get_service_model("cloudformation")
PLACE = "stack news in eu-west-1"
CALLS = (
    *("DescribeStacks", "DescribeEvents", "DescribeStackEvents", "ListStackResources", "DeleteStack"),
    *("CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet"),
)


def answered(code: str, said: str = "Words of Amazon", status: int = 400) -> exceptions.ClientError:
    answer = {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(answer, "CreateChangeSet")  # type: ignore[arg-type]  # the rest of it is not read


@pytest.mark.parametrize("operation", CALLS)
def test_every_error_that_is_documented_for_our_calls_has_a_hint_of_its_own(operation: str) -> None:
    shapes = CLOUDFORMATION.operation_model(operation).error_shapes
    assert {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes} <= HINTS.keys()


@pytest.mark.parametrize("code", [*HINTS, "SomethingNew"])
def test_an_answer_is_told_with_its_code_its_words_and_what_to_do(code: str) -> None:
    err = error_of(answered(code), PLACE)
    assert isinstance(err, EdgeError)
    assert str(err) == f"{PLACE}: {code}: Words of Amazon"
    assert err.hint


@pytest.mark.parametrize("code", CREDENTIALS)
def test_who_is_asking_is_told_as_for_every_service(code: str) -> None:
    assert error_of(answered(code, status=403), PLACE).hint == CREDENTIALS[code]


@pytest.mark.parametrize(
    ("said", "action"),
    [
        (
            "User: arn:aws:iam::123456789012:user/me is not authorized to perform: cloudformation:CreateChangeSet on",
            "cloudformation:CreateChangeSet",
        ),
        ("User `arn:aws:iam::123456789012:user/me' is not authorized to perform `ses:GetAccount'", "ses:GetAccount"),
        ("EventTopic: Resource handler: is not authorized to perform: SNS:CreateTopic on resource", "SNS:CreateTopic"),
    ],
)
def test_a_permission_that_is_missing_is_named(said: str, action: str) -> None:
    assert hint_for(said).startswith(f"allow {action} for these credentials")
    assert action in error_of(answered("AccessDenied", said, status=403), PLACE).hint


def test_an_account_that_lets_nothing_be_public_is_told_apart_from_a_missing_permission() -> None:
    said = (
        "AssetsBucketPolicy: User: me is not authorized to perform: s3:PutBucketPolicy on resource: news-assets because"
        " public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
    )
    assert "Block public access" in hint_for(said)


def test_without_credentials_it_tells_where_they_come_from() -> None:
    err = error_of(exceptions.NoCredentialsError(), PLACE)
    assert isinstance(err, NotConfigured)
    for way in ("AWS_ACCESS_KEY_ID", "ses.profile", "role of the machine"):
        assert way in err.hint


def test_without_a_region_it_tells_which_to_set() -> None:
    err = error_of(exceptions.NoRegionError(), PLACE)
    assert isinstance(err, NotConfigured)
    assert "ses.region" in err.hint


def test_a_region_that_is_none_is_told_apart_from_a_refusal() -> None:
    unreachable = exceptions.EndpointConnectionError(endpoint_url="https://cloudformation.eu-wst-1.amazonaws.com")
    assert "ses.region is a region" in error_of(unreachable, PLACE).hint


# EventStreamError is an answer as well, to calls that we do not make.
@pytest.mark.parametrize("name", sorted(STAGES.keys() - {"EventStreamError"}))
def test_every_error_of_botocores_own_is_told_with_what_to_do(name: str) -> None:
    kind: type[Exception] = getattr(exceptions, name)
    err = error_of(kind.__new__(kind), PLACE)
    assert isinstance(err, EdgeError | NotConfigured)
    assert err.hint


def test_a_template_that_is_too_long_is_refused_with_the_way_that_is_left() -> None:
    refuse_too_long("#" * LONGEST)
    with pytest.raises(BadInput, match="51,201 bytes") as refused:
        refuse_too_long("#" * (LONGEST - 1) + "é")
    assert "in the CloudFormation console" in refused.value.hint


def test_a_profile_that_is_not_there_is_told_with_how_to_find_those_that_are() -> None:
    err = error_of(exceptions.ProfileNotFound(profile="nobody"), PLACE)
    assert isinstance(err, NotConfigured)
    assert str(err) == "The config profile (nobody) could not be found"
    assert "aws configure list-profiles" in err.hint
