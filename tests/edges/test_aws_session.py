"""What a session for one service knows, beside one of botocore's own."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from newsletter.edges.aws_session import session_for

pytestmark = pytest.mark.usefixtures("environment")


@pytest.mark.parametrize("service", ["sesv2", "sqs"])
@pytest.mark.parametrize("name", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_it_reads_of_a_service_what_botocore_reads(service: str, name: str) -> None:
    own, theirs = (each.get_component("data_loader") for each in (session_for(service, None), Session()))
    assert own.load_service_model(service, name) == theirs.load_service_model(service, name)


@pytest.mark.parametrize("name", ["endpoints", "partitions", "_retry", "sdk-default-configuration"])
def test_it_reads_of_all_services_what_botocore_reads(name: str) -> None:
    assert session_for("sesv2", None).get_data(name) == Session().get_data(name)


def test_it_makes_clients_of_its_service_alone() -> None:
    session = session_for("sqs", None)
    session.create_client("sqs", "eu-central-1").close()
    with pytest.raises(UnknownServiceError):
        session.create_client("sesv2", "eu-central-1")


@pytest.mark.parametrize(("ending", "pack"), [("json", bytes), ("json.gz", gzip.compress)])
def test_what_a_machine_adds_to_the_files_of_botocore_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / f"added.{ending}").write_bytes(pack(b'{"known": ["here"]}'))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert session_for("sesv2", None).get_data("added") == {"known": ["here"]}
