"""CSS into style attributes: the only module that knows premailer.

premailer 3.10.0 (https://github.com/peterbe/premailer) would by default drop the doctype, strip `!important` from
media queries, overwrite the width attributes that Outlook reads, and fetch style sheets from the network. Only the
layout's own CSS for running text is inlined; MJML has inlined the rest and needs its `<style>` elements kept whole.

libxml2, which writes the HTML, takes `<!-- ... -->` inside an attribute for a server-side include and leaves it
unescaped (https://gitlab.gnome.org/GNOME/libxml2, entities.c), so that an alt text could end its attribute.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import cache
from types import ModuleType
from typing import Any

_COMMENT_OR_STYLE = re.compile(r"(<!--.*?-->)|<style\b(?![^>]*\bmedia=)", re.DOTALL)
_ESCAPED_COMMENT = re.compile(r"&(?:lt|#60|#x3c);(?=!)", re.IGNORECASE)


def inlined(html: str, css: str) -> str:
    """Return the HTML with `css` written into style attributes."""
    premailer = _premailer()
    # The test for a doctype is case-sensitive; without one, browsers fall into quirks mode.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    html = _COMMENT_OR_STYLE.sub(lambda match: match[1] or '<style data-premailer="ignore"', html)
    bracket = _unused_word(html)
    html = _ESCAPED_COMMENT.sub(bracket, html)
    result: str = premailer.Premailer(
        html,
        css_text=css,
        keep_style_tags=True,
        disable_leftover_css=True,
        strip_important=False,
        allow_network=False,
        disable_validation=True,
        align_floating_images=False,
        remove_unset_properties=False,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        cssutils_logging_level=logging.CRITICAL,
    ).transform(pretty_print=False)
    return result.replace(bracket, "&lt;")


@cache
def _premailer() -> Any:
    """Import premailer when it is first needed, and without requests, which it would fetch style sheets with.

    That it cannot fetch is one reason; a hundred milliseconds of every build are the other.
    """
    absent = "requests" not in sys.modules
    if absent:
        sys.modules["requests"] = ModuleType("requests")
    try:
        import cssutils  # noqa: PLC0415
        import premailer  # noqa: PLC0415
    finally:
        if absent:
            del sys.modules["requests"]
    # Colours keep their six digits; old mail programs misread three.
    cssutils.ser.prefs.minimizeColorHash = False
    # premailer has the styles of elements validated whatever it is told (merge_style.py), and ignores the result.
    cssutils.profile.removeProfile(all=True)
    return premailer


def _unused_word(text: str) -> str:
    word = "lessthan"
    while word in text:
        word += "x"
    return word


def conditionals_joined(html: str, marks: str = "(?!)") -> str:
    """Join adjacent Outlook conditionals, as the official MJML engine does and mrml does not.

    What matches `marks`, a regular expression without groups, may stand between and is kept.
    """
    adjacent = rf"<!\[endif\]-->((?:\s|{marks})*)<!--\[if mso \| IE\]>"
    return re.sub(adjacent, lambda match: "".join(re.findall(marks, match[1])), html)
