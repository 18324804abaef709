"""Message tags and custom headers: what may be in them, and how an entry's override the defaults."""

import re
from collections.abc import Iterable
from typing import Final

from tests.doubles.errors import bad_request

MAX_HEADERS: Final = 15
_TAG: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FEEDBACK_ID_TAGS: Final = frozenset({"ses:feedback-id-a", "ses:feedback-id-b"})
_HEADER_NAME: Final = re.compile(r"[!-9;-@A-~]{1,126}")
_HEADER_VALUE: Final = re.compile(r"[ -~]{1,995}")
_MAX_HEADER: Final = 996
_FORBIDDEN_HEADERS: Final = frozenset(
    {"bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version"}
    | {"reply-to", "return-path", "subject", "to"}
)

Pairs = Iterable[tuple[str, str]]


def check_tags(tags: Pairs) -> None:
    for name, value in tags:
        if name not in _FEEDBACK_ID_TAGS and not _TAG.fullmatch(name):
            raise bad_request(f"Invalid tag name <{name}>: only letters, digits, '_' and '-', at most 256.")
        if not _TAG.fullmatch(value):
            raise bad_request(f"Invalid tag value <{value}>: only letters, digits, '_' and '-', at most 256.")


def check_headers(headers: Pairs) -> None:
    """Check the custom headers of Simple and Template content (Raw content has its own rules)."""
    seen: list[str] = []
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name):
            raise bad_request(f"Invalid header name <{name}>.")
        if name.lower() in _FORBIDDEN_HEADERS:
            raise bad_request(f"Header <{name}> may not be set by the caller.")
        if not _HEADER_VALUE.fullmatch(value) or len(name) + len(value) > _MAX_HEADER:
            raise bad_request(f"Invalid value of header <{name}>: printable ASCII only, at most 995 characters.")
        check_list_header(name, value)
        seen.append(name.lower())
    if len(seen) > MAX_HEADERS:
        raise bad_request(f"More than {MAX_HEADERS} headers.")
    if twice := sorted({name for name in seen if name.startswith("list-") and seen.count(name) > 1}):
        raise bad_request(f"Header <{twice[0]}> may appear only once.")


def check_list_header(name: str, value: str) -> None:
    """Refuse a List-* header in encoded words: mail programs read none there, and one-click unsubscribe dies."""
    if name.lower().startswith("list-unsubscribe") and "=?" in value:
        raise bad_request(f"Header <{name}> must not be an encoded word.")


def merged(defaults: Pairs, own: Pairs) -> list[tuple[str, str]]:
    """Merge by name, upper and lower case alike; an entry's own come first and win."""
    own = list(own)
    names = {name.lower() for name, _ in own}
    return own + [(name, value) for name, value in defaults if name.lower() not in names]
