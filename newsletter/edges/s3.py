"""Amazon S3 through boto3: the bucket from which readers' mail programs load the pictures of issues.

Unlike a message, a picture may be put there twice: its name says what is in it. botocore's retries are therefore on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.assets import Asset
from newsletter.core.publication import AssetSettings
from newsletter.edges.aws_errors import UNREADABLE, words_of
from newsletter.edges.s3_errors import SETUP, error_of
from newsletter.errors import NotConfigured

PATIENCE = 30.0  # seconds for an answer
# The bytes behind a name never change.
FOR_GOOD = "public, max-age=31536000, immutable"

_TROUBLE = (boto.ClientError, boto.BotoCoreError, *UNREADABLE)


class S3:
    """A bucket, or a folder of one."""

    def __init__(self, settings: AssetSettings, *, patience: float = PATIENCE, tries: int = 4) -> None:
        """Make a client; nothing is asked yet.

        Raises:
            NotConfigured: no bucket is named, or an unknown profile.
        """
        if settings.bucket is None:
            raise NotConfigured("assets.bucket is not set: pictures have no place to go", hint=SETUP)
        self._bucket, self._folder = settings.bucket, f"{settings.prefix}/" if settings.prefix else ""
        self._place = f"s3://{self._bucket}/{self._folder}".rstrip("/")
        try:
            session = boto3.session.Session(profile_name=settings.profile, region_name=settings.region)
            self._client: Any = session.client(
                "s3", endpoint_url=settings.endpoint_url, config=_config(settings, patience, tries)
            )
            self._client.meta.events.register("before-call.s3.HeadBucket", _leave_unasked)
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"Amazon S3 cannot be used: {words_of(err)}", hint=SETUP) from err

    def __str__(self) -> str:
        return self._place

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def missing(self, names: Sequence[str]) -> Sequence[str]:
        """Return which of these pictures are not there.

        They are looked for in the list of what is there: for this, S3 says what is wrong, and needs one permission.
        """
        return [name for name in names if not self._is_there(self._folder + name)]

    def put(self, asset: Asset) -> None:
        """Put a picture there, for good."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._folder + asset.name,
                Body=asset.data,
                ContentType=asset.media_type,
                CacheControl=FOR_GOOD,
            )
        except _TROUBLE as err:
            raise error_of(err, self._place) from err

    def _is_there(self, key: str) -> bool:
        try:
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
            return any(each["Key"] == key for each in answer.get("Contents", ()))
        except _TROUBLE as err:
            raise error_of(err, self._place) from err


def _leave_unasked(**_: object) -> None:
    """Keep botocore from asking where a bucket is when a redirection does not say it, as S3's own always do.

    It asks again when the answer to that is such a redirection too, until the interpreter's stack is full.
    """
    nothing: Any = {"ResponseMetadata": {"HTTPHeaders": {}}}
    raise boto.ClientError(nothing, "HeadBucket")


def _config(settings: AssetSettings, patience: float, tries: int) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=5,
        read_timeout=patience,
        # Other services that speak S3 know neither buckets as host names nor the newer checksums.
        s3={"addressing_style": "path" if settings.endpoint_url else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent_extra="newsletter",
    )
