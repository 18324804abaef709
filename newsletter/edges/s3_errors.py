"""What an error of Amazon S3 means for a picture that was to be looked up or put there, and what to do about it.

`HINTS` names what S3 answers; what botocore raises by itself is in `edges.aws_errors`.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsletter.edges.aws_errors import CREDENTIALS, Advice, advised
from newsletter.errors import NewsletterError

SETUP: Final = "see 'Pictures' in README.md"
_BUCKET: Final = "check assets.bucket, or make the bucket"
_REGION: Final = "set assets.region to the region of the bucket"
_RIGHTS: Final = "allow s3:ListBucket on the bucket and s3:PutObject on what is in it for these credentials"
_AGAIN: Final = "S3 has trouble of its own; run the same command again, it goes on where it stopped"
_SETTINGS: Final = "check the settings of the bucket in the S3 console"

HINTS: Final[Mapping[str, str]] = {
    **CREDENTIALS,
    "AccessDenied": _RIGHTS,
    "AllAccessDisabled": _SETTINGS,
    "AccountProblem": "there is a problem with the AWS account; write to AWS Support",
    "NotSignedUp": "sign up for S3",
    "NoSuchBucket": _BUCKET,
    "InvalidBucketName": _BUCKET,
    "NoSuchKey": SETUP,
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _AGAIN,
    "Redirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "MethodNotAllowed": "check assets.endpoint_url",
    "NotImplemented": "check assets.endpoint_url",
    "InvalidRequest": _SETTINGS,
    "EncryptionTypeMismatch": _SETTINGS,
    "InvalidWriteOffset": _SETTINGS,
    "TooManyParts": _SETTINGS,
    "KMS.DisabledException": _SETTINGS,
    "KMS.NotFoundException": _SETTINGS,
    "InternalError": _AGAIN,
    "InternalFailure": _AGAIN,
    "ServiceUnavailable": _AGAIN,
    "SlowDown": _AGAIN,
    "RequestTimeout": _AGAIN,
    "OperationAborted": _AGAIN,
    "BadDigest": _AGAIN,
    "IncompleteBody": _AGAIN,
}

_ADVICE: Final = Advice(
    answered=lambda code, _: HINTS.get(code, SETUP),
    again=_AGAIN,
    not_made=f"give the AWS credentials and settings that S3 needs; {SETUP}",
    never_left="check the network, and assets.endpoint_url",
    lost="run the same command again; if it stays so, check the network and assets.endpoint_url",
)


def error_of(err: Exception, place: str) -> NewsletterError:
    """Return what an error says about a place for pictures, named like `s3://bucket/prefix`."""
    return advised(err, place, _ADVICE)
