"""What MJML allows: every tag, attribute and value of the data is accepted where MJML says so."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from newsletter.core.mjml import engine, values
from newsletter.core.mjml.components import DATA, FOR_ANY, mjml
from tests.core.mjml.writing import said
from tests.fidelity.node import require

REPOSITORY = Path(__file__).parents[3]
COMPONENTS = mjml().components
KINDS = sorted({kind for component in COMPONENTS.values() for kinds in component.attributes.values() for kind in kinds})
# One value of each type that MJML accepts.
EXAMPLES = {"string": "a", "color": "#112233", "boolean": "true", "integer": "2"}
FITTING = {
    kind: EXAMPLES.get(kind) or (kind[len("enum(") :].split(",")[0].rstrip(")") if kind.startswith("enum") else "20px")
    for kind in KINDS
}
# What mjml-python gets wrong is refused on purpose; test_engine.py tells why.
REFUSED = {"mj-html-attributes", "mj-carousel", "mj-include"}


def path_to(tag: str) -> list[str]:
    """Return the tags around a tag, outermost first, by the shortest way that mjml-python knows too."""
    if tag == "mjml":
        return []
    parents = COMPONENTS[tag].parents - {"mj-attributes"} - (engine.NO_RAW if tag == "mj-raw" else frozenset())
    ways = [
        [*path_to(parent), parent] for parent in sorted(parents or COMPONENTS[tag].parents) if parent != "mj-wrapper"
    ]
    return min(ways, key=len)


def test_the_data_names_the_version_that_it_was_generated_from() -> None:
    assert mjml().version == "4.18.0"
    assert mjml().version in json.loads(DATA.read_text(encoding="utf-8"))["about"]
    packages = json.loads((REPOSITORY / "tests/npm/package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages["mjml"] == mjml().version


@pytest.mark.slow
def test_the_data_is_what_mjml_s_packages_say() -> None:
    require()
    generator = ["node", str(REPOSITORY / "tests/mjml/generate.mjs")]
    said = subprocess.run(generator, capture_output=True, check=True, encoding="utf-8").stdout
    assert said == DATA.read_text(encoding="utf-8")


def test_the_notice_names_mjml_and_its_copyright() -> None:
    notice = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
    assert f"MJML {mjml().version}" in notice
    assert "Copyright (c) 2016 Mailjet SAS" in notice


@pytest.mark.parametrize("tag", sorted(COMPONENTS.keys() - REFUSED))
def test_a_tag_with_all_its_attributes_is_accepted_where_mjml_allows_it(tag: str) -> None:
    around = path_to(tag)
    ignored = {*engine.IGNORED.get(tag, ()), *({"position"} if tag == "mj-raw" else {"inline"})}
    attributes = " ".join(
        f'{name}="{FITTING[min(kinds)]}"' for name, kinds in COMPONENTS[tag].attributes.items() if name not in ignored
    )
    opening = "".join(f"<{each}>" for each in around)
    closing = "".join(f"</{each}>" for each in reversed(around))
    problems = said(f"{opening}\n<{tag} {attributes}></{tag}>{closing}")
    assert [problem for problem in problems if problem.startswith("2:")] == []


@pytest.mark.parametrize(
    ("parent", "child"), [(parent, child) for parent in COMPONENTS for child in sorted(COMPONENTS[parent].children)]
)
def test_a_child_is_accepted_in_each_of_its_parents(parent: str, child: str) -> None:
    around = [*path_to(parent), parent]
    name = ' name="a"' if child == "mj-class" else ""
    document = "".join(f"<{each}>" for each in around) + f"\n<{child}{name}></{child}>\n"
    problems = said(document + "".join(f"</{each}>" for each in reversed(around)))
    misplaced = [problem for problem in problems if "cannot stand" in problem]
    assert misplaced == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_accepts_what_fits_and_refuses_what_does_not(kind: str) -> None:
    assert values.wrong(FITTING[kind], [kind]) == ""
    if kind != "string":
        assert values.wrong("certainly not", [kind]) != ""


def test_defaults_for_any_tag_take_the_attributes_of_all() -> None:
    for tag in FOR_ANY:
        every = {name for child in COMPONENTS["mj-attributes"].children for name in COMPONENTS[child].attributes}
        assert every <= COMPONENTS[tag].attributes.keys()
