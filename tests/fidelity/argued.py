"""What letters use although a mail program does not have it, and why nothing is lost there.

A feature that is missing here fails a test, and so does a line that is no longer needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

GMAIL_WEB_ON_PHONES = "gmail.mobile-webmail"
WORD = "outlook.windows"
YAHOO = "yahoo.*"


@dataclass(frozen=True, slots=True)
class Argument:
    """Mail programs, features that they lack (by caniemail's names), and why letters may use them all the same."""

    clients: str
    features: str
    reason: str

    def covers(self, feature: str, client: str) -> bool:
        return feature in self.features.split() and any(fnmatchcase(client, each) for each in self.clients.split())


ARGUMENTS = (
    Argument(
        GMAIL_WEB_ON_PHONES,
        "html-style css-at-media css-at-media-prefers-color-scheme css-selector-attribute css-selector-child "
        "css-selector-class css-selector-descendant css-selector-grouping css-selector-id css-selector-type",
        "It drops style sheets whole. The inlined styles carry the letter alone; tests/e2e reads it without the rest.",
    ),
    Argument(
        WORD,
        "css-at-media css-at-media-prefers-color-scheme css-selector-attribute css-selector-child",
        "Only the narrow, dark and printed letter depend on these; Word shows the wide one, and darkens it by itself.",
    ),
    Argument(
        "gmail.* yahoo.*",
        "css-at-media-prefers-color-scheme css-color-scheme html-meta-color-scheme",
        "By night they keep the light letter or darken it by themselves.",
    ),
    Argument(
        "outlook.* apple-mail.ios samsung-email.android",
        "css-color-scheme html-meta-color-scheme",
        "Where only one of the two counts, the other does no harm; Outlook.com goes by [data-ogsc], Word by itself.",
    ),
    Argument(
        GMAIL_WEB_ON_PHONES,
        "css-display-none css-opacity",
        "They hide the preheader, which is also one pixel high and cut off, and both of these it has.",
    ),
    Argument(
        WORD,
        "css-max-height css-opacity css-overflow",
        "They hide the preheader, for which Word has display: none.",
    ),
    Argument(WORD, "css-border-radius", "The button's corners are square there."),
    Argument(
        WORD, "css-outline css-word-spacing", "MJML takes back what a web mail's page might set; Word sets nothing."
    ),
    Argument(
        "outlook.windows samsung-email.android",
        "css-white-space",
        "A date in the masthead may break in two, and a long line of code stays long.",
    ),
    Argument(
        YAHOO, "css-height", "It makes min-height of height, and what has a height here is a spacer or a picture."
    ),
    Argument(
        YAHOO, "css-word-break", "A word longer than the column, such as a bare address, widens the letter there."
    ),
    Argument(
        "apple-mail.ios gmail.* outlook.outlook-com yahoo.ios",
        "css-cursor",
        "MJML sets the cursor of a button's cell to what it is anyway.",
    ),
    Argument(
        YAHOO,
        "html-aria-hidden html-aria-label",
        "A screen reader reads the arrow of a button out, and the letter goes without its name; both are in its text.",
    ),
    Argument("yahoo.android yahoo.ios", "html-body", "Its ground is on the div inside it as well."),
    Argument(
        "outlook.windows samsung-email.android yahoo.android",
        "html-doctype",
        "They draw as if there were none; the letter rests on tables with widths, which look alike either way.",
    ),
    Argument(
        "gmail.ios samsung-email.android yahoo.android yahoo.ios",
        "html-anchor-links",
        "The table of contents does not jump there; it still says what is in the letter.",
    ),
    Argument(
        "gmail.mobile-webmail outlook.outlook-com outlook.windows",
        "css-selector-chaining",
        "MJML widens pictures on phones with it, if asked to; without it they keep their width.",
    ),
    Argument(WORD, "css-border-spacing", "MJML takes the space around a picture away with cellspacing too."),
    Argument(
        "gmail.* outlook.outlook-com yahoo.*",
        "html-target",
        "They open every link in a new window, which is what it asks for.",
    ),
)

# What caniemail has not tested, and why that is no worry.
UNTESTED = {
    "<html> <head> <title> <meta> <a> <em> <br>": "every mail program has these",
    "color: font-family: font-style:": "likewise",
    "href= class= border= bgcolor= start= src= alt= title=": "likewise",
    "<caption> <thead> <th> scope=": "tables of data have had these from the first; a screen reader says more by them",
    "id= rel=": "one is where the table of contents leads, argued above; the other is for search engines",
    "xmlns= xmlns:v= xmlns:o= http-equiv= name= content= type= media=": "MJML's head; unknown ones are ignored",
    "aria-roledescription=": "MJML's; a screen reader calls the letter an email",
    "mso-line-height-rule: mso-padding-alt: mso-table-lspace: mso-table-rspace:": "Word's own",
    "-webkit-text-size-adjust: -ms-text-size-adjust: -ms-interpolation-mode:": "for one engine each",
    "supported-color-schemes:": "Apple Mail's older name of color-scheme",
    "page-break-after:": "for paper, printed from a browser",
    ":root": "in the rule for color-scheme alone",
}


def argued(feature: str, client: str) -> bool:
    """Tell whether some argument lets letters use a feature that a mail program lacks."""
    return any(argument.covers(feature, client) for argument in ARGUMENTS)


def needless(lacking: Iterable[tuple[str, str]]) -> list[str]:
    """Return the features of arguments that excuse nothing."""
    lacking = list(lacking)
    return [
        f"{argument.clients}: {feature}"
        for argument in ARGUMENTS
        for feature in argument.features.split()
        if not any(name == feature and argument.covers(name, client) for name, client in lacking)
    ]
