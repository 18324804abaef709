from __future__ import annotations

import json
import shutil

from tests.cli.running import Terminal
from tests.conftest import REPOSITORY


def test_build_writes_four_files_and_names_their_sizes_and_the_digest(newsletter: Terminal) -> None:
    answer = newsletter("build", "vol-1-issue-6")
    folder = newsletter.folder / "build/vol-1-issue-6"
    assert answer.code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["build.json", "email.eml", "email.html", "email.txt"]
    about = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    assert about["digest"] in answer.out
    assert about["bytes"]["email.html"] == (folder / "email.html").stat().st_size
    assert about["subject"] in answer.out


def test_without_a_name_the_newest_issue_is_built(newsletter: Terminal) -> None:
    assert newsletter("build", "--json").data["issue"] == "vol-2-issue-3"


def test_an_issue_may_be_named_by_its_file(newsletter: Terminal) -> None:
    assert newsletter("build", "issues/vol-1-issue-6.yaml", "--json").data["issue"] == "vol-1-issue-6"


def test_an_unknown_issue_is_met_with_the_nearest_name(newsletter: Terminal) -> None:
    answer = newsletter("build", "vol-1-isue-6")
    assert answer.code == 2
    assert "did you mean 'vol-1-issue-6'?" in answer.err


def test_a_broken_issue_names_every_problem_and_leaves_the_last_build_alone(newsletter: Terminal) -> None:
    newsletter("build", "vol-1-issue-6")
    before = {path: path.read_bytes() for path in (newsletter.folder / "build").rglob("*") if path.is_file()}
    file = newsletter.folder / "issues/vol-1-issue-6.yaml"
    text = file.read_text(encoding="utf-8")
    broken = text.replace("department: V2G Insights", "departmnt: V2G Insights").replace("2025-09-28", "2025-09-31", 1)
    file.write_text(broken, encoding="utf-8")
    line = broken[: broken.index("departmnt")].count("\n") + 1

    answer = newsletter("build", "vol-1-issue-6")

    assert answer.code == 2
    where = f"issues/vol-1-issue-6.yaml:{line}:5: blocks[1].departmnt: "
    assert f"{where}is not a key here; did you mean 'department'?\n" in answer.err
    assert "'2025-09-31' is not a date; write it like 2025-09-28\n" in answer.err
    assert "blocks[1].department: is missing; add it\n" in answer.err
    assert "error: 3 problems found\n" in answer.err
    assert {path: path.read_bytes() for path in before} == before


def test_a_wrong_environment_variable_is_named(newsletter: Terminal) -> None:
    newsletter.patch.setenv("NEWSLETTER_TRANSPORT", "pigeon")
    answer = newsletter("build")
    assert answer.code == 2
    assert "NEWSLETTER_TRANSPORT: 'pigeon' is not possible here; use 'outbox' or 'ses'" in answer.err


def test_a_new_issue_builds_as_it_stands(newsletter: Terminal) -> None:
    begun = newsletter("new")
    assert begun.code == 0
    assert begun.out == f"{newsletter.folder}/issues/vol-2-issue-4.yaml\n"
    assert newsletter("build", "--json").data["issue"] == "vol-2-issue-4"


def test_a_new_issue_never_replaces_one(newsletter: Terminal) -> None:
    file = newsletter.folder / "issues/vol-2-issue-3.yaml"
    before = file.read_bytes()
    assert newsletter("new", "vol-2-issue-3").code == 2
    assert newsletter("new", "../vol-9-issue-9").code == 2
    assert file.read_bytes() == before


def test_build_tells_the_pixels_and_the_weight_of_each_picture_and_of_all(newsletter: Terminal) -> None:
    for name in ("depot.jpg", "small.png"):
        shutil.copy(REPOSITORY / "tests/pictures" / name, newsletter.folder / "issues")
    file = newsletter.folder / "issues/vol-2-issue-3.yaml"
    figures = "  - {kind: figure, src: depot.jpg, alt: A}\n  - {kind: figure, src: small.png, alt: B}\n"
    text = file.read_text(encoding="utf-8").replace("blocks:\n", "blocks:\n" + figures, 1)
    file.write_text(text, encoding="utf-8")

    answer = newsletter("build")

    assert answer.code == 0
    kept = {path.suffix: path.stat().st_size for path in (newsletter.folder / "build").rglob("assets/*")}
    assert f"issues/depot.jpg       {kept['.jpg'] / 1000:.1f} kB  1120 × 747 pixels\n" in answer.out
    small = "160 × 100 pixels, shown 160 wide; phones would show 320"
    assert f"issues/small.png   {kept['.png']:,} bytes  {small}\n" in answer.out
    assert f"all pictures           {sum(kept.values()) / 1000:.1f} kB\n" in answer.out
    about = newsletter("build", "--json").data["pictures"]
    assert [each["bytes"] for each in about] == [kept[".jpg"], kept[".png"]]
