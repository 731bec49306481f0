"""What a user sees on a real terminal: a pseudo-terminal stands in for it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mcrace
from mcrace.engine.result import Result
from mcrace.figures.estimates import Estimate, estimates_of
from mcrace.figures.wording import percent, rounded
from mcrace.report.answer import answer
from mcrace.study.write import study_yaml
from mcrace.terminal.check import check_text
from mcrace.terminal.progress import Telling, heeding_interrupts
from mcrace.terminal.results import result_text
from tests.fake_result import base_result
from tests.small_study import SMALL, small_study


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_on_a_terminal_a_bar_shows_draws_and_rate_and_leaves_nothing_behind(tmp_path: Path) -> None:
    import pty

    path = tmp_path / "small.yaml"
    path.write_text(study_yaml(small_study().document))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mcrace", "run", str(path), "--no-report", "--draws", "300000"]
    process = subprocess.Popen([*command, "--out", str(tmp_path)], stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # how Linux says that the other side has closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    text = shown.decode()
    assert process.wait() == 0, text
    assert "Traceback" not in text
    assert " draws" in text
    assert "Open " in text


def test_a_lab_that_sells_nothing_and_a_long_path_in_check(tmp_path: Path) -> None:
    folder = tmp_path / "a-folder-with-a-long-name" / "and-another-one-below-it"
    folder.mkdir(parents=True)
    path = folder / "study.yaml"
    path.write_text(study_yaml(small_study().document))
    text = check_text(mcrace.load(path, {"model.customers.count": 0}), blocks=False)
    assert "Revenue today: 0, this lab sells nothing." in text
    assert all(len(line) <= 80 or str(folder) in line for line in text.splitlines())
    assert "Revenue today, to hold against" in check_text(small_study(), blocks=False)


# Digits stop where the error starts


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (3.14159, 0.0, "3.142"),  # exact
        (3.14159, float("nan"), "3.1"),  # not known
        (0.0, float("nan"), "0"),
        (0.0, 0.02, "0.00 ± 0.02"),
        (2.0, 30.0, "0 ± 30"),  # larger than the value
        (-2.0, 30.0, "0 ± 30"),
        (0.5, 0.7, "0.5 ± 0.7"),
        (123456.789, 1e-9, "123,457"),  # tiny
        (1.0, 0.00096, "1.0000 ± 0.0010"),
        (1.0, 0.0949, "1.00 ± 0.09"),
        (1.0, 0.0951, "1.00 ± 0.10"),
        (98765.0, 950.0, "98,800 ± 1,000"),
        (-98765.0, float("nan"), "−99,000"),
        (0.00998, float("nan"), "0.01"),
        (1e-30, float("nan"), "1e-30"),
    ],
)
def test_the_last_digit_is_that_of_the_error(value: float, half: float, text: str) -> None:
    assert rounded(value, half) == text
    estimate = Estimate(value=1e9 * value, standard_error=1e9 * half / 2, half_width=1e9 * half, note="")
    assert estimate.text(1e9) == text


@pytest.mark.parametrize(
    ("share", "half", "text"),
    [
        (0.75, float("nan"), "75 %"),
        (0.0034567, float("nan"), "0.35 %"),
        (0.99965, float("nan"), "99.965 %"),
        (1.0, float("nan"), "100 %"),
        (0.0, float("nan"), "0 %"),
        (-0.0234, float("nan"), "−2.3 %"),
        (0.5, 0.12, "50 ± 12 %"),
        (0.123456, 1e-9, "12.3456 %"),
    ],
)
def test_the_last_digit_of_a_share_too(share: float, half: float, text: str) -> None:
    assert percent(share, half) == text


def last_place(text: str) -> int:
    """Decimal place of the last digit that is told: 2 for 0.01, -3 for thousands."""
    plain = text.replace(",", "")
    if "." in plain:
        return len(plain.partition(".")[2])
    return -(len(plain) - len(plain.rstrip("0")))


def test_a_number_and_its_error_end_at_one_digit_in_a_thousand_cases() -> None:
    random = np.random.default_rng(3)
    for _ in range(1000):
        value, half = random.normal() * 10 ** random.uniform(-4, 6), 10 ** random.uniform(-5, 6)
        head, separator, error = rounded(value, half).partition(" ± ")
        if not separator:
            assert half < 1e-6 * abs(value)
            continue
        digits = error.replace(",", "").replace(".", "").lstrip("0").rstrip("0")
        assert len(digits) <= 2, (value, half)
        assert abs(float(error.replace(",", "")) / half - 1) <= 0.34, (value, half)
        if "." in head + error:
            assert last_place(head) == last_place(error), (value, half)
        unit = 10.0 ** -last_place(error)
        assert abs(float(head.replace(",", "").replace("−", "-")) - value) <= 5.01 * unit, (value, half)


def heavy_result() -> Result:
    """Make a run whose incentive has no variance."""
    random = np.random.default_rng(5)
    draws = 1e9 * (1 - random.random(16 * 2048)) ** (-1 / 1.3)
    return base_result(draws, -np.abs(random.normal(1e9, 1e8, len(draws))))


def test_what_is_not_resolved_is_told_with_two_digits_and_a_mark() -> None:
    result = heavy_result()
    mean = estimates_of(result).of("base", "incentive", "mean")
    assert np.isnan(mean.half_width)
    assert not mean.is_resolved
    text = result_text(result)
    number = mean.text(1e9)
    assert len(number.replace(".", "").lstrip("0")) == 2
    assert f"~{number}" in text
    assert text.splitlines()[-1] == "~: not resolved by these draws; the notes in summary.csv say why."
    flat = " ".join(text.split())
    assert f"brings {number} billion USD on average, an average that these draws do not resolve." in flat
    assert "of its size without them" not in flat
    assert all(len(line) <= 80 for line in text.splitlines())


def test_what_all_draws_agree_on_keeps_its_digits_and_has_no_mark() -> None:
    random = np.random.default_rng(6)
    result = base_result(1.2345e9 + 0 * random.random(4096), -1e8 - 1e7 * random.random(4096))
    mean = estimates_of(result).of("base", "incentive", "mean")
    assert mean.text(1e9) == "1.234"  # the nearest even digit
    assert mean.half_width == 0
    assert "~" not in result_text(result)


def test_a_ratio_has_the_digits_that_its_errors_leave() -> None:
    random = np.random.default_rng(7)
    incentive = random.normal(1e9, 6e9, 16 * 256)
    few = answer(base_result(incentive, random.normal(-5e8, 7e9, len(incentive))))[1]
    many = answer(base_result(1e9 + incentive / 1e3, -4.1e8 + incentive / 1e4))[1]
    assert "of its size without them" in many
    shown = float(many.partition("(")[2].partition(" %")[0])
    assert shown == pytest.approx(100 * 0.41 / 1.41, abs=1)
    assert re.search(r"take \d00 ± \d00 million USD from it \(\d0 % of its size", few), few


def test_an_interrupt_that_a_library_loses_is_raised_at_the_next_step():
    before = signal.getsignal(signal.SIGINT)
    with heeding_interrupts(Telling()) as telling:
        telling.draws(1, 2)
        with contextlib.suppress(KeyboardInterrupt):  # as a callback of a library does
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            telling.draws(2, 2)
        with pytest.raises(KeyboardInterrupt):
            telling.step("flips")
    assert signal.getsignal(signal.SIGINT) is before


def test_what_is_told_passes_through():
    told = []
    bar = Telling(draws=lambda *numbers: told.append(numbers), step=told.append)
    with heeding_interrupts(bar) as telling:
        telling.draws(1, 2)
        telling.step("flips")
    assert told == [(1, 2), "flips"]


def test_the_terminal_names_the_drivers_as_the_table_ranks_them(tmp_path):
    from mcrace.cli import main
    from mcrace.report.publish import publish
    from mcrace.terminal.drivers import driver_sentences

    published = publish(mcrace.Study(**SMALL), out=tmp_path, jobs=1, report=False)
    sentences = driver_sentences(published.result.study, published.folder)
    table = pd.read_csv(published.folder / "sensitivity.csv")
    mine = table[(table["output"] == "incentive") & (table["measure"] == "first_order_from_draws")]
    first = mine.sort_values("value", ascending=False).iloc[0]
    labels = {item.name: item.label for item in published.result.study.inputs}
    assert sentences[0].startswith(
        f"What drives the marginal incentive to train z most: {labels[first['input']]} ("
    )
    assert f"{100 * first['value']:.0f}"[:1] in sentences[0]
    assert driver_sentences(published.result.study, tmp_path) == []
    assert main(["show", str(published.folder)]) == 0
