"""What to write into publication.yaml once everything is there."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.core.publication import Publication


def settings(publication: Publication, region: str, outputs: Mapping[str, str]) -> str:
    """Return lines of YAML, made of what the stack says under `Outputs`."""
    lines = [
        "ses:",
        f"  region: {region}",
        f"  configuration_set: {outputs['ConfigurationSet']}",
        f"  feedback_queue: {outputs['FeedbackQueue']}",
    ]
    if publication.ses.profile:
        lines.insert(1, f"  profile: {publication.ses.profile}")
    if "PublicUrl" in outputs:
        lines.append(f"public_url: {outputs['PublicUrl'].rstrip('/')}")
    if "AssetsBucket" in outputs:
        prefix = publication.assets.prefix if publication.assets else ""
        url = "/".join(each for each in (outputs["AssetsUrl"], prefix) if each)
        lines += ["assets:", f"  url: {url}", f"  bucket: {outputs['AssetsBucket']}", f"  region: {region}"]
        lines += [f"  prefix: {prefix}"] if prefix else []
    return "\n".join(lines)
