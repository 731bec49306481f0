"""The page of a comparison: what it says, and that it works in a browser."""

import re

import pytest

from mcrace.engine.run import run
from mcrace.figures.estimates import estimates_of
from mcrace.report.compare import write_comparison
from mcrace.report.compared import compared_sentences, compared_table, difference_tables
from tests.browser import DESK, PHONE, axe_faults, chromium, watched_page
from tests.small_study import small_study
from tests.test_compare import parts_result

HOSTILE = "<script>alert('run')</script> \"quoted\" $\\foo$ \N{HEBREW LETTER ALEF} " + "x" * 90


@pytest.fixture(scope="module")
def results():
    small = small_study()
    other = small_study(
        study="other",
        title=HOSTILE,
        model={**small.document["model"], "discount_rate": 0.2},
        sampling={"draws": 2048, "replicates": 8},
    )
    return [run(study, jobs=1) for study in (small, other)]


def test_the_table_holds_the_numbers_of_each_run(results):
    table = compared_table(results)
    for row, result in zip(table.rows, results, strict=True):
        estimates = estimates_of(result)
        assert row.cells[0].value == estimates.of("base", "incentive", "mean").value
        assert row.cells[4].text == estimates.of("base", "open_effect", "p_positive").percent


def test_differences_are_those_that_move_numbers(results):
    (table,) = difference_tables(results)
    paths = [row.detail for row in table.rows]
    assert "model.discount_rate" in paths
    assert not [path for path in paths if path.startswith(("study", "title")) or path.endswith("label")]
    assert difference_tables(results[:1] * 2) == ()


@pytest.mark.parametrize(
    ("means", "words"),
    [
        ((-3e9, -2e9), ["Open releases lower the incentive to train z on average in all 2 runs."]),
        ((-3e9, 4e9), ["lower the incentive to train z on average in 1 of 2 runs (one)",
                       "raise the incentive to train z on average in 1 of 2 runs (two)"]),
    ],
)  # fmt: skip
def test_the_sentences_say_where_runs_part(means, words):
    pairs = zip(means, ("one", "two"), strict=True)
    told = " ".join(
        compared_sentences([parts_result({"revenue": mean}, title=title) for mean, title in pairs])
    )
    for part in words:
        assert part in told


@pytest.mark.slow
def test_the_page_in_a_browser(results, tmp_path):
    page_file = write_comparison(results, tmp_path) / "compare.html"
    with chromium() as browser:
        for size, scheme in ((DESK, "light"), (PHONE, "dark")):
            with watched_page(browser, size, color_scheme=scheme) as seen:
                seen.page.goto(page_file.as_uri())
                assert "<script>alert('run')</script>" in seen.page.inner_text("main")
                width = seen.page.evaluate("document.documentElement.scrollWidth")
                assert width <= size[0]
                assert axe_faults(seen.page) == []
                heading = seen.page.locator("#table-runs thead button").nth(1)
                heading.click()
                rising = seen.page.locator("#table-runs tbody tr td:nth-of-type(1)").all_inner_texts()
                numbers = [
                    float(re.sub("[^0-9.-]", "", text.partition("±")[0].replace("−", "-"))) for text in rising
                ]
                assert numbers == sorted(numbers)
                assert (seen.complaints, seen.dialogs) == ([], [])
                assert seen.requests == [page_file.as_uri()]
