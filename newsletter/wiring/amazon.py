"""What is at Amazon beside the way out: pictures, the suppression list, the stack, the queue of wishes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter.core.publication import Publication, TransportName
from newsletter.core.ways import AssetPlace, AssetStore, SuppressionList
from newsletter.errors import NotConfigured

if TYPE_CHECKING:
    from newsletter.core.aws.cloud import Cloud
    from newsletter.edges.wishes import Wishes


@contextmanager
def asset_store(publication: Publication) -> Iterator[tuple[AssetStore, str]]:
    """Open the publication's place for pictures, with what their addresses begin with."""
    from newsletter.edges.s3 import S3
    from newsletter.edges.s3_errors import SETUP

    if publication.assets is None:
        raise NotConfigured("assets is not set: pictures have no place to go", hint=SETUP)
    store = S3(publication.assets)
    try:
        yield store, publication.assets.base
    finally:
        store.close()


@contextmanager
def picture_place(publication: Publication) -> Iterator[AssetPlace | None]:
    """Open the place where pictures are looked for before SES sends: the bucket if it is known, else the web."""
    if publication.assets is None or publication.transport is not TransportName.SES:
        yield None
    elif publication.assets.bucket is None:
        from newsletter.edges.web import Web

        yield Web(publication.assets.base)
    else:
        with asset_store(publication) as (store, _):
            yield store


@contextmanager
def suppression_list(publication: Publication) -> Iterator[SuppressionList]:
    """Open the suppression list of the SES account."""
    from newsletter.edges.ses_suppressions import SesSuppressions

    opened = SesSuppressions(publication.ses)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def cloud(publication: Publication, name: str) -> Iterator[Cloud]:
    """Open the stack of that name, by the account and region that mail is sent with."""
    from newsletter.edges.cloudformation import CloudFormation

    stack = CloudFormation(name, publication.ses)
    try:
        yield stack
    finally:
        stack.close()


def wishes(publication: Publication) -> Wishes:
    """Return the queue that wishes of readers go into where there is no store."""
    from newsletter.edges.wishes import Wishes

    return Wishes(publication.ses)
