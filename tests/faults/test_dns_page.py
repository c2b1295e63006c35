"""The page on DNS says what the rows say."""

from tests.faults.dns_page import PAGE, written


def test_the_tables_of_the_page_are_those_that_the_tests_play() -> None:
    page = PAGE.read_text()
    assert page == written(page), "docs/DNS-BEHAVIOUR.md is out of date. Run: .venv/bin/python -m tests.faults.dns_page"
