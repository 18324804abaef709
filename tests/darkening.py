"""What mail programs make of a letter's colours by night when they do not ask it for its own.

None of them says how it does it. What is known:

- Gmail's app for iOS inverts everything: a light letter turns dark, and a dark one light
  (https://www.hteumeuleu.com/2021/fixing-gmail-dark-mode-css-blend-modes/). By which formula is not known, so two are
  tried, which differ most in saturated colours: lightness mirrored in CIELAB, and in HSL.
- Gmail's app for Android and Samsung's inverts in part: light grounds and dark words; what is dark or coloured stays.
  Chromium, whose WebView they draw with, has this as its dark mode: lightness mirrored in CIELAB, of words and lines
  darker than a brightness of 150, of grounds lighter than 205 (dark_mode_settings.h in its sources).
- Outlook.com puts in the letter's own colours by the selectors `[data-ogsc]` and `[data-ogsb]`. Where it drops those
  rules it works as Microsoft's editor does: lightness in CIELAB mirrored and lifted to that of #333333, which white
  becomes (getDarkColor.ts in https://github.com/microsoft/roosterjs); so do Outlook's apps for phones.

They all start from the colours of the day.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from tests.colours import Colour, Lab, from_lab, parse, to_lab

_DARKEST = 21.247  # the lightness of #333333
_Change = Callable[[Colour], Colour]


def mirrored(colour: Colour, darkest: float = 0) -> Colour:
    """Return a colour of the opposite lightness and the same hue; white becomes a grey of lightness `darkest`."""
    lab = to_lab(colour)
    return from_lab(Lab(darkest + (100 - lab.lightness) * (100 - darkest) / 100, lab.a, lab.b))


def mirrored_in_hsl(colour: Colour) -> Colour:
    """Return a colour of the opposite lightness in HSL, as `invert(1) hue-rotate(180deg)` roughly does."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    return Colour(*(round(255 * part) for part in colorsys.hls_to_rgb(hue, 1 - lightness, saturation)))


def dark_alone(colour: Colour) -> Colour:
    """Mirror a colour of words or lines if it is dark."""
    return mirrored(colour) if _brightness(colour) < 150 else colour


def light_alone(colour: Colour) -> Colour:
    """Mirror a colour of grounds if it is light."""
    return mirrored(colour) if _brightness(colour) > 205 else colour


def lifted(colour: Colour) -> Colour:
    """Mirror a colour as Outlook does."""
    return mirrored(colour, _DARKEST)


# What happens to words and lines, and what to grounds.
NIGHTS: Mapping[str, tuple[_Change, _Change]] = {
    "Gmail on iOS": (mirrored, mirrored),
    "Gmail on iOS, in HSL": (mirrored_in_hsl, mirrored_in_hsl),
    "Gmail on Android": (dark_alone, light_alone),
    "Outlook": (lifted, lifted),
}


def darken(page: Page, night: str) -> None:
    """Give a page that shows a letter by day the colours that a mail program would give it by night."""
    words, grounds = NIGHTS[night]
    colours: list[str] = page.evaluate(_COLOURS)
    known = {each: colour for each in colours if (colour := parse(each))}
    inks, fills = ({each: str(change(colour)) for each, colour in known.items()} for change in (words, grounds))
    page.evaluate(_REPAINT, [inks, fills, str(grounds(Colour(255, 255, 255)))])


def _brightness(colour: Colour) -> float:
    """Return the brightness from 0 to 255 (https://www.w3.org/TR/AERT/#color-contrast)."""
    return (299 * colour.red + 587 * colour.green + 114 * colour.blue) / 1000


_PROPERTIES = "['color', 'border-top-color', 'border-right-color', 'border-bottom-color', 'border-left-color']"
_COLOURS = f"""() => {{
  const found = new Set();
  for (const element of document.querySelectorAll('*')) {{
    const style = getComputedStyle(element);
    for (const name of [...{_PROPERTIES}, 'background-color']) found.add(style.getPropertyValue(name));
  }}
  return [...found];
}}"""
_REPAINT = f"""([inks, fills, sheet]) => {{
  const paints = [...document.querySelectorAll('*')].flatMap((element) => {{
    const style = getComputedStyle(element);
    const named = (name, by) => [element, name, by[style.getPropertyValue(name)]];
    return [...{_PROPERTIES}.map((name) => named(name, inks)), named('background-color', fills)];
  }});
  document.documentElement.style.setProperty('background-color', sheet, 'important');
  for (const [element, name, colour] of paints) if (colour) element.style.setProperty(name, colour, 'important');
}}"""
