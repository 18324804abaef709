"""Who gets a mailing, sees a block, or is listed: audience expressions.

terms      what an expression is made of           parsing   from text
spelling   how words compare, and are written      writing   back to text
resolving  dates that count from today             holding   whether one reader belongs
named      the `audiences:` of publication.yaml
"""

from newsletter.core.audience.resolving import EVERYBODY, Audience
from newsletter.core.audience.terms import Size, check_tags, tagged

__all__ = ["EVERYBODY", "Audience", "Size", "check_tags", "tagged"]
