"""One signed POST to SES over a connection kept alive, without botocore's way of serialising.

A client of botocore checks, serialises and wraps every call anew, which costs several times what the call does. What
must be right is still botocore's: credentials and their refreshing, endpoint, proxies, trusted certificates, and
the reading of an error.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import orjson
from botocore.awsrequest import AWSPreparedRequest
from botocore.endpoint import EndpointCreator, convert_to_response_dict
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.hooks import HierarchicalEmitter
from botocore.parsers import ResponseParserFactory
from botocore.utils import get_environ_proxies

from newsletter.edges.ses_line import Answer, DirectLine, Line, Option
from newsletter.edges.ses_signing import Signer

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.compat import HTTPHeaders
    from botocore.credentials import ReadOnlyCredentials
    from botocore.httpsession import URLLib3Session
    from botocore.model import Shape
    from botocore.session import Session

# A request is longer than a packet: with Nagle's algorithm the last one would wait for an answer. And a router that
# forgets an idle connection does not say so: the next request is lost on it, and its message in doubt.
_SOCKET: list[Option] = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
_IDLE_SECONDS = 30  # until the first sign of life; the most impatient routers wait for minutes
if hasattr(socket, "TCP_KEEPIDLE"):  # not on every system
    _SOCKET.append((socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE_SECONDS))


class Wire:
    """The way of a call to where a client's own calls go; shared by all lanes."""

    def __init__(self, session: Session, client: BaseClient, *, timeout: tuple[float, float], most: int) -> None:
        """Make the HTTP session as botocore makes it for this client.

        `timeout` is seconds to connect and seconds to wait for an answer, `most` how many connections are kept.
        """
        meta = client.meta
        self._session, self._model = session, meta.service_model
        self._endpoint, self._region = meta.endpoint_url.rstrip("/"), meta.region_name
        parts = urlsplit(self._endpoint)
        self._host = parts.netloc.rpartition("@")[2]
        self._agent = f"{session.user_agent()} newsletter"
        self._hashed = b"", hashlib.sha256()
        self._signer: Signer | None = None
        self._parser = ResponseParserFactory().create_parser(self._model.metadata["protocol"])
        bundle = session.get_config_variable("ca_bundle")
        self._line: Line
        if get_environ_proxies(self._endpoint).get(parts.scheme):
            made = EndpointCreator(HierarchicalEmitter()).create_endpoint(
                self._model,
                self._region,
                meta.endpoint_url,
                verify=bundle,
                timeout=timeout,  # type: ignore[arg-type] # it takes both, as its client does
                max_pool_connections=most,
                socket_options=_SOCKET,
            )
            self._line = _SessionLine(made.http_session)
        else:
            self._line = DirectLine(self._endpoint, timeout=timeout, bundle=bundle, options=_SOCKET)

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def post(self, operation: str, body: bytes, *, head: bytes = b"") -> object:
        """Return what the answer says. `head` goes before the body; one that many requests share is hashed once.

        Raises:
            ClientError: SES answered with an error.
            BotoCoreError: it could not be asked, or did not answer.
            ValueError: the answer is no JSON.
        """
        model = self._model.operation_model(operation)
        url = self._endpoint + model.http["requestUri"]
        answer = self._line.post(url, self._signed(url, head, body), (head, body))
        if answer.status_code < 300:
            return orjson.loads(answer.content)
        response = convert_to_response_dict(cast("AWSResponse", answer), model)
        said = self._parser.parse(response, cast("Shape", model.output_shape))
        raise ClientError(said, operation)

    def _signed(self, url: str, head: bytes, body: bytes) -> Mapping[str, str]:
        """Return the headers of a request, its signature among them."""
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        to_sign = {"Content-Type": "application/json", "Host": self._host}
        signer = self._signer_for(credentials.get_frozen_credentials())
        signed = signer.signed(urlsplit(url).path, to_sign, self._hash(head, body), datetime.now(UTC))
        return {**signed, "User-Agent": self._agent}

    def _signer_for(self, credentials: ReadOnlyCredentials) -> Signer:
        """Return the signer, a new one where the credentials were fetched anew."""
        signer = self._signer
        if signer is None or signer.credentials != credentials:  # one that two lanes make at once is the same
            signer = self._signer = Signer(credentials, self._model.signing_name, self._region)
        return signer

    def _hash(self, head: bytes, body: bytes) -> str:
        known, begun = self._hashed
        if head is not known:
            begun = hashlib.sha256(head)
            self._hashed = head, begun
        hashed = begun.copy()
        hashed.update(body)
        return hashed.hexdigest()


class _SessionLine:
    """botocore's HTTP session: it knows proxies, and sends a request once."""

    def __init__(self, session: URLLib3Session) -> None:
        self._session = session

    def post(self, url: str, headers: Mapping[str, str], body: Sequence[bytes]) -> Answer:
        plain = cast("HTTPHeaders", headers)
        request = AWSPreparedRequest("POST", url, plain, b"".join(body), stream_output=False)
        answer = self._session.send(request)
        return Answer(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        self._session.close()
