"""What may differ by machine: variables of the environment that replace keys of publication.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from newsletter.core.source import Document, Mark, Problem
from newsletter.core.tree import Value

# Each variable, and the key that it replaces.
ENVIRONMENT = {
    "NEWSLETTER_TRANSPORT": ("transport",),
    "NEWSLETTER_STORE": ("store",),
    "NEWSLETTER_PUBLIC_URL": ("public_url",),
    "NEWSLETTER_SES_REGION": ("ses", "region"),
    "NEWSLETTER_SES_PROFILE": ("ses", "profile"),
    "NEWSLETTER_SES_CONFIGURATION_SET": ("ses", "configuration_set"),
    "NEWSLETTER_SES_ENDPOINT_URL": ("ses", "endpoint_url"),
    "NEWSLETTER_SES_MODE": ("ses", "mode"),
    "NEWSLETTER_SES_FEEDBACK_QUEUE": ("ses", "feedback_queue"),
    "NEWSLETTER_ASSETS_URL": ("assets", "url"),
    "NEWSLETTER_ASSETS_BUCKET": ("assets", "bucket"),
    "NEWSLETTER_ASSETS_PREFIX": ("assets", "prefix"),
    "NEWSLETTER_ASSETS_REGION": ("assets", "region"),
    "NEWSLETTER_ASSETS_PROFILE": ("assets", "profile"),
    "NEWSLETTER_ASSETS_ENDPOINT_URL": ("assets", "endpoint_url"),
}


def on_this_machine(document: Document, environment: Mapping[str, str]) -> Document | None:
    """Return a publication with what the environment says for this machine, or None if it says nothing."""
    given = {name: environment[name] for name in ENVIRONMENT if environment.get(name)}
    if not given or not isinstance(document.data, dict):
        return None
    data: dict[str, Value] = dict(document.data)
    for name, value in given.items():
        _put(data, ENVIRONMENT[name], value)
    return Document("environment", data)


def by_variable(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of what the environment says, each with the variable in place of the key."""
    names = {".".join(keys): name for name, keys in ENVIRONMENT.items()}
    return [Problem("environment", Mark(1, 1), names[each.path], each.message, each.hint) for each in problems]


def _put(data: dict[str, Value], keys: tuple[str, ...], value: str) -> None:
    for key in keys[:-1]:
        inner = data.get(key)
        copy: dict[str, Value] = dict(inner) if isinstance(inner, dict) else {}
        data[key] = copy
        data = copy
    data[keys[-1]] = value
