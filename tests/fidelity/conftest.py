"""Both engines' renderings, made once, and one page to look at them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from tests.fidelity import rendering
from tests.fidelity.pictures import Camera
from tests.fidelity.rendering import Pair


@pytest.fixture(scope="session")
def letters() -> Mapping[str, str]:
    return rendering.letters()


@pytest.fixture(scope="session")
def pairs() -> Mapping[str, Pair]:
    return rendering.pairs()


@pytest.fixture(scope="session")
def camera(browser: Browser) -> Iterator[Camera]:
    context = browser.new_context(offline=True)
    assets = [asset for filled in rendering.issues().values() if filled.build for asset in filled.build.assets]
    yield Camera(context.new_page(), assets)
    context.close()
