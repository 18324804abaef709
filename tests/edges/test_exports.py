from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from newsletter.edges import exports
from newsletter.edges.exports import sheets
from newsletter.errors import BadInput, NotFound

TEXT = "email\nana@example.org\n"


def zipped(folder: Path, **files: str) -> Path:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return path


def test_a_file_is_one_sheet_that_can_be_opened_twice(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(TEXT, encoding="utf-8")
    [sheet] = sheets(path)
    for _ in range(2):
        with sheet.open() as file:
            assert file.read().decode() == TEXT
    assert sheet.name == str(path)


def test_the_csv_files_of_an_archive_are_sheets_wherever_they_stand(tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        **{
            "a.csv": TEXT,
            "lists__b.CSV": TEXT,
            "c.html": "<p>",
            "__MACOSX__._a.csv": "\0",
            "lists__.d.csv": "",
            "e.tsv": TEXT,
        },
    )
    found = sheets(path)
    assert [sheet.name.removeprefix(f"{path}/") for sheet in found] == ["a.csv", "lists/b.CSV", "e.tsv"]
    for sheet in found * 2:
        with sheet.open() as file:
            assert file.read().decode() == TEXT


def test_the_json_files_of_an_archive_are_sheets_where_there_is_no_csv_file(tmp_path: Path) -> None:
    files = {"a.jsonl": "{}", "b.JSON": "[]", "c.html": "<p>"}
    assert [sheet.name.rpartition("/")[2] for sheet in sheets(zipped(tmp_path, **files))] == ["a.jsonl", "b.JSON"]
    assert [sheet.name.rpartition("/")[2] for sheet in sheets(zipped(tmp_path, **files, **{"d.csv": TEXT}))] == [
        "d.csv"
    ]


@pytest.mark.parametrize(
    ("files", "said", "hint"),
    [
        ({"a.html": "x"}, "a ZIP file without a CSV or JSON file", "give one CSV or JSON file"),
        ({"xl__workbook.xml": "x"}, "an Excel workbook", "save the list as CSV"),
    ],
)
def test_an_archive_without_a_list_is_said(tmp_path: Path, files: dict[str, str], said: str, hint: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        sheets(zipped(tmp_path, **files))
    assert caught.value.hint.startswith(hint)


def test_an_archive_that_is_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path, **{"a.csv": TEXT})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (exports.MOST_BYTES + 1).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(BadInput, match="holds more than a list can be"):
        sheets(path)


def test_an_archive_that_says_it_is_small_gives_no_more_than_that(tmp_path: Path) -> None:
    path = zipped(tmp_path, **{"a.csv": TEXT * 1_000})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    [sheet] = sheets(path)
    with pytest.raises(BadInput, match=r"a\.csv cannot be unpacked: Bad CRC"), sheet.open() as file:
        assert len(file.read()) <= 10


@pytest.mark.parametrize("place", [0.3, 0.6])
def test_a_broken_archive_is_an_error_that_names_it(tmp_path: Path, place: float) -> None:
    path = zipped(tmp_path, **{"a.csv": "".join(f"reader-{number}@example.org\n" for number in range(2_000))})
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be unpacked"), sheets(path)[0].open() as file:
        file.read()


def test_an_archive_cut_short_is_said(tmp_path: Path) -> None:
    path = zipped(tmp_path, **{"a.csv": TEXT})
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(BadInput, match="is a broken ZIP file"):
        sheets(path)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot be read: No such file"):
        sheets(tmp_path / "nowhere.csv")
    with pytest.raises(BadInput, match="is a folder"):
        sheets(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="is not a file"):
        sheets(tmp_path / "pipe")
