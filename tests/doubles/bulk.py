"""SendBulkEmail: one inline template, up to 50 entries, a result for each."""

import json
from typing import Final

from tests.doubles import fields, recipients, templates
from tests.doubles.errors import Refusal, bad_request
from tests.doubles.ledger import Outgoing, digest
from tests.doubles.settings import Identity, Settings
from tests.doubles.shape import Members, inner, inners, pairs, parsed, text

MAX_ENTRIES: Final = 50


class BulkCall:
    """A SendBulkEmail request, read but not yet checked."""

    def __init__(self, body: bytes) -> None:
        self.members = parsed(body)
        self._size = len(body)
        self._entries = inners(self.members, "BulkEmailEntries")
        self.recipients = [recipients.envelope(inner(entry, "Destination")) for entry in self._entries]

    def outgoing(self, settings: Settings, region: str) -> list[Outgoing | Refusal]:
        """Check what all entries share, then every entry by itself."""
        if self._size > settings.max_bulk_bytes:
            raise bad_request(f"The request is larger than {settings.max_bulk_bytes} bytes.")
        if not self._entries:
            raise bad_request("BulkEmailEntries must have at least one entry.")
        if len(self._entries) > MAX_ENTRIES:
            raise bad_request(f"Recipient count exceeds {MAX_ENTRIES}.")
        source = text(self.members, "FromEmailAddress")
        identity = recipients.check_sender(source, settings, region)
        batch = _Batch(self.members, settings, region, identity)
        results: list[Outgoing | Refusal] = []
        for entry, addresses in zip(self._entries, self.recipients, strict=True):
            try:
                results.append(batch.message(entry, addresses))
            except Refusal as refusal:
                if settings.bulk_bad_entry == "call":
                    raise
                results.append(refusal)
        return results


class _Batch:
    """What all entries of a call share."""

    def __init__(self, members: Members, settings: Settings, region: str, identity: Identity) -> None:
        template = inner(inner(members, "DefaultContent"), "Template")
        if name := text(template, "TemplateName") or text(template, "TemplateArn"):
            raise Refusal("NotFoundException", f"Template {name} does not exist.", "TEMPLATE_NOT_FOUND")
        self._settings, self._region = settings, region
        self._source = text(members, "FromEmailAddress")
        self._template = templates.InlineTemplate(inner(template, "TemplateContent"))
        self._data = templates.data_of(template, "TemplateData")
        self._headers = pairs(template, "Headers")
        fields.check_headers(self._headers)
        self._tags = pairs(members, "DefaultEmailTags")
        fields.check_tags(self._tags)
        self._configuration_set = text(members, "ConfigurationSetName") or identity.configuration_set
        self._digest = digest(*(part.encode() for part in self._template.parts.values())).encode()

    def message(self, entry: Members, addresses: list[str]) -> Outgoing:
        recipients.check_recipients(addresses, self._settings, self._region)
        if self._settings.only_counted:
            return self._counted(addresses)
        tags = pairs(entry, "ReplacementTags")
        fields.check_tags(tags)
        replacement = inner(inner(entry, "ReplacementEmailContent"), "ReplacementTemplate")
        data = templates.merged(self._data, templates.data_of(replacement, "ReplacementTemplateData"))
        own_headers = pairs(entry, "ReplacementHeaders")
        fields.check_headers(own_headers)
        headers = own_headers
        if self._headers:
            headers = fields.merged(self._headers, own_headers)
            fields.check_headers(headers)
        return Outgoing(
            addresses=addresses,
            source=self._source,
            subject=self._template.subject(data),
            configuration_set=self._configuration_set,
            tags={**dict(self._tags), **dict(tags)},
            headers=headers,
            sha256=self._sha256(data, headers),
            missing=self._template.missing(data),
            content={**self._template.filled(data), "Data": data} if self._settings.keep == "messages" else None,
        )

    def _counted(self, addresses: list[str]) -> Outgoing:
        return Outgoing(
            addresses=addresses,
            source=self._source,
            subject="",
            configuration_set=self._configuration_set,
            tags={},
            headers=[],
            sha256="",
        )

    def _sha256(self, data: templates.Data, headers: fields.Pairs) -> str:
        return digest(self._digest, json.dumps([data, list(headers)], sort_keys=True).encode())
