"""A stand-in for what of STS, SNS and SQS the tool asks, on one port: who asks, a topic, and a queue."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

ACCOUNT = "123456789012"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/letter"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:letter-events"
QUEUE_ARN = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:letter-events"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE_ARN,
            "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
        }
    ],
}


@dataclass
class Cloud:
    """What is there; `denied` are actions like sqs:GetQueueAttributes. Messages wait in `queue` by number."""

    port: int = 0
    subscriptions: list[tuple[str, str, bool]] = field(default_factory=lambda: [("sqs", QUEUE_ARN, True)])
    has_topic: bool = True
    has_queue: bool = True
    attributes: dict[str, str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    queue: dict[str, str] = field(default_factory=dict)
    source: Callable[[], Sequence[Any]] | None = None  # all that was ever published, whenever it is asked
    received: int = 0

    def __post_init__(self) -> None:
        dead_letters = json.dumps({"deadLetterTargetArn": f"{QUEUE_ARN}-dead", "maxReceiveCount": 5})
        self.attributes = {"QueueArn": QUEUE_ARN, "Policy": json.dumps(POLICY), "RedrivePolicy": dead_letters}

    def reset(self) -> None:
        port = self.port
        self.__init__(port)  # type: ignore[misc] # everything anew

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def queue_url(self) -> str:
        return f"{self.endpoint}/{ACCOUNT}/letter-events"

    def put(self, *bodies: Any) -> None:
        for body in bodies:
            self.received += 1
            self.queue[str(self.received)] = body if isinstance(body, str) else json.dumps(body)

    def of_sqs(self, action: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if f"sqs:{action}" in self.denied:
            said = f"User: {CALLER} is not authorized to perform: sqs:{action} on resource: {QUEUE_ARN}"
            return 403, {"__type": "com.amazon.coral.service#AccessDeniedException", "message": said}
        if not self.has_queue:
            said = "The specified queue does not exist."
            return 400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": said}
        match action:
            case "GetQueueAttributes":
                return 200, {"Attributes": {**self.attributes, "ApproximateNumberOfMessages": str(len(self.queue))}}
            case "ReceiveMessage":
                if self.source:
                    self.put(*self.source()[self.received :])
                waiting = list(self.queue.items())[: asked["MaxNumberOfMessages"]]
                return 200, {
                    "Messages": [{"MessageId": key, "ReceiptHandle": key, "Body": body} for key, body in waiting]
                }
            case "DeleteMessageBatch":
                for each in asked["Entries"]:
                    self.queue.pop(each["ReceiptHandle"], None)
                return 200, {"Successful": [{"Id": each["Id"]} for each in asked["Entries"]], "Failed": []}
        return 400, {"__type": "com.amazonaws.sqs#UnsupportedOperation", "message": action}

    def of_query(self, action: str) -> tuple[int, str]:
        """Answer in the query protocol, as STS and SNS do."""
        service = "sts" if action == "GetCallerIdentity" else "sns"
        if f"{service}:{action}" in self.denied:
            said = f"User: {CALLER} is not authorized to perform: {service.upper()}:{action} on resource: {TOPIC}"
            return 403, _xml_error("AuthorizationError", said)
        if service == "sts":
            who = f"<Arn>{CALLER}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>"
            return 200, f"<{action}Response><{action}Result>{who}</{action}Result></{action}Response>"
        if not self.has_topic:
            return 404, _xml_error("NotFound", "Topic does not exist")
        members = "".join(
            f"<member><TopicArn>{TOPIC}</TopicArn><Protocol>{protocol}</Protocol><Endpoint>{endpoint}</Endpoint>"
            f"<SubscriptionArn>{f'{TOPIC}:1' if confirmed else 'PendingConfirmation'}</SubscriptionArn>"
            f"<Owner>{ACCOUNT}</Owner></member>"
            for protocol, endpoint, confirmed in self.subscriptions
        )
        inner = f"<Subscriptions>{members}</Subscriptions>"
        return 200, f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"


def _xml_error(code: str, said: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{escape(said)}</Message></Error></ErrorResponse>"


@contextmanager
def running_cloud() -> Iterator[Cloud]:
    """Run it in a thread of this process."""
    cloud = Cloud()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if target := self.headers.get("X-Amz-Target"):
                status, told = cloud.of_sqs(target.rpartition(".")[2], json.loads(body))
                self._say(status, json.dumps(told), "application/x-amz-json-1.0")
            else:
                self._say(*cloud.of_query(parse_qs(body.decode())["Action"][0]), "text/xml")

        def _say(self, status: int, said: str, kind: str) -> None:
            data = said.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        cloud.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            thread.join()
