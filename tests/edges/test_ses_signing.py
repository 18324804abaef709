"""What is signed, beside what botocore signs; that SES takes it is in test_ses_wire."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from newsletter.edges.ses_signing import Signer

HOST, REGION = "email.eu-central-1.amazonaws.com", "eu-central-1"
BEFORE_MIDNIGHT, AFTER = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
BODY = "Grüße".encode()


def by_botocore(keys: Credentials, path: str, at: datetime, patch: pytest.MonkeyPatch) -> str:
    patch.setattr("botocore.auth.get_current_datetime", lambda: at)
    plain = {"Content-Type": "application/json", "Host": HOST}
    request = AWSRequest("POST", f"https://{HOST}{path}", headers=plain, data=BODY)
    request.context["payload_signing_enabled"] = True
    SigV4Auth(keys, "ses", REGION).add_auth(request)
    return str(request.headers["Authorization"])


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("path", ["/v2/email/outbound-bulk-emails", "/a//proxy/../~us+er/"])
def test_a_signer_signs_as_botocore_does_on_every_day(
    monkeypatch: pytest.MonkeyPatch, token: str | None, path: str
) -> None:
    keys = Credentials("KEY", "secret", token)
    signer = Signer(keys.get_frozen_credentials(), "ses", REGION)
    for at in (BEFORE_MIDNIGHT, AFTER, AFTER, BEFORE_MIDNIGHT):
        plain = {"Content-Type": "application/json", "Host": HOST}
        signed = signer.signed(path, plain, sha256(BODY).hexdigest(), at)
        assert signed["Authorization"] == by_botocore(keys, path, at, monkeypatch)
        assert (signed["X-Amz-Date"], signed.get("X-Amz-Security-Token")) == (at.strftime("%Y%m%dT%H%M%SZ"), token)
