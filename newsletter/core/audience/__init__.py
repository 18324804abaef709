"""Who gets a mailing, sees a block, or is listed: audience expressions.

Terms joined by `and`, `or` and `not` are a tree; everything else goes over it:

    terms      what an expression is made of           lexing    a text as pieces
    writing    an expression as text                   cursor    where a parser is among them
    spelling   how words compare, and are quoted       parsing   from text
    resolving  days that count from today              named     the names of publication.yaml
    holding    whether one reader belongs              published  their problems, in their places
"""

from newsletter.core.audience.resolving import EVERYBODY, Audience
from newsletter.core.audience.terms import Size, check_tags, tagged

__all__ = ["EVERYBODY", "Audience", "Size", "check_tags", "tagged"]
