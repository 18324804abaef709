"""What a report says to those who are no readers."""

from __future__ import annotations

from dataclasses import replace

from newsletter.core.report.page import page
from newsletter.core.report.sponsor import for_sponsors
from tests.core.report.examples import MAILING, report


def test_who_is_no_reader_sees_a_gap_where_the_subject_names_one() -> None:
    subject = 'Dear {{ subscriber.first_name | default("reader") }}, hello'
    of = replace(report(10, 0, 0), outcome=replace(report(10, 0, 0).outcome, mailing=replace(MAILING, subject=subject)))
    assert for_sponsors([of]).startswith("# Dear …, hello\n")
    assert "<title>Report: Dear …, hello</title>" in page([of], "The Letter")
