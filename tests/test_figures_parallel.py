"""Drawing in several processes: the same bytes, whatever happens to a helper."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mcrace.figures.background import background_drawing
from mcrace.figures.parallel import opened_helpers
from tests.fake_result import fake_result, typical_draws
from tests.small_study import SMALL

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def nothing():
    """Prepare nothing."""


def task(place):
    return lambda shown: (f"{shown[0]} {place}".encode(), str(os.getpid()).encode())


def drawn(tasks, count, *, prepare=nothing):
    """Give what helpers draw of tasks that all need one subject."""
    with opened_helpers(count, prepare, tasks) as helpers:
        helpers.show("svg", range(len(tasks)))
        return helpers.drawings()


def ended(process):
    """Tell whether a process is gone within ten seconds."""
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_every_figure_in_its_place_by_several_processes():
    def slow(shown):
        time.sleep(0.2)  # so that nobody can take them all
        return shown[0].encode(), str(os.getpid()).encode()

    found = drawn([task(0), *[slow] * 6], 3)
    assert sorted(found) == list(range(7))
    assert found[0][0] == b"svg 0"
    processes = {png for _, png in found.values()}
    assert len(processes) == 3
    assert str(os.getpid()).encode() not in processes


@pytest.mark.parametrize("count", [0, 1])
def test_one_process_has_no_helpers(count):
    with opened_helpers(count, nothing, [task(0)]) as helpers:
        assert helpers is None


def test_later_tasks_find_all_that_was_shown_and_earlier_ones_need_not_wait():
    first, both = (lambda shown: (shown[0], b"")), (lambda shown: (shown[0], shown[1]))
    with opened_helpers(2, nothing, [first, both, both]) as helpers:
        helpers.show(b"one", [0])
        helpers.show(b"two" * 100_000, [2, 1])
        assert helpers.drawings() == {
            0: (b"one", b""),
            1: (b"one", b"two" * 100_000),
            2: (b"one", b"two" * 100_000),
        }


def test_drawings_and_subjects_larger_than_a_pipe_come_whole():
    with opened_helpers(2, nothing, [lambda shown: (shown[0], b"p" * 2_000_000)] * 4) as helpers:
        helpers.show(b"s" * 30_000_000, range(4))
        found = helpers.drawings()
    assert [(len(svg), len(png)) for svg, png in found.values()] == [(30_000_000, 2_000_000)] * 4


def test_what_a_killed_helper_did_not_draw_is_missing():
    def die(_shown):
        os.kill(os.getpid(), signal.SIGKILL)

    def patient(shown):
        time.sleep(0.5)
        return task(1)(shown)

    assert set(drawn([die, patient], 2)) <= {1}
    assert drawn([die, die, die], 2) == {}


def test_a_fault_keeps_what_was_drawn_before():
    def fail(_shown):
        raise ValueError("no axes")

    assert set(drawn([task(0), fail], 2)) == {0}


def test_a_helper_that_cannot_load_its_libraries_draws_nothing():
    def fail():
        raise ImportError("no library")

    assert drawn([task(0)], 2, prepare=fail) == {}


def test_helpers_that_were_shown_nothing_are_not_waited_for():
    started = time.monotonic()
    with opened_helpers(2, nothing, [task(0)]) as helpers:
        assert helpers.drawings() == {}
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("waits", [True, False])
def test_what_needs_no_subject_is_drawn_before_one_is_shown(waits, tmp_path):
    begun = tmp_path / "begun"

    def early(shown):
        begun.touch()
        return str(len(shown)).encode(), b""

    with opened_helpers(2, nothing, [task(0), early, task(2)], [1]) as helpers:
        deadline = time.monotonic() + 60
        while waits and not begun.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        helpers.show("svg", range(3))
        found = helpers.drawings()
    assert sorted(found) == [0, 1, 2]
    assert not waits or found[1][0] == b"0"


def test_what_cannot_be_pickled_is_drawn_by_nobody():
    with opened_helpers(2, nothing, [task(0)]) as helpers:
        helpers.show(lambda: None, [0])
        helpers.show("later", [0])
        assert helpers.drawings() == {}


def test_an_interrupt_leaves_no_helper_behind():
    def interrupted():
        with opened_helpers(3, nothing, [lambda _: time.sleep(60)] * 3) as helpers:
            helpers.show("svg", range(3))
            group.append(helpers.group)
            time.sleep(0.3)
            raise KeyboardInterrupt

    group = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ended(-group[0])


@pytest.mark.parametrize("shown", [False, True])
def test_helpers_end_with_their_parent(shown):
    script = f"""
import os, time
from mcrace.figures.parallel import opened_helpers
with opened_helpers(2, lambda: None, [lambda _: (str(os.getpid()).encode(), b"")]) as helpers:
    print(helpers.group, flush=True)
    if {shown}:
        helpers.show("svg", [0])
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        helper = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
    assert ended(helper)


def test_a_run_has_the_same_figures_from_any_number_of_processes():
    import mcrace
    from mcrace.figures import save_analysis_figures, save_figures

    result = mcrace.run(mcrace.Study(**SMALL), jobs=1)
    found = mcrace.analyse(result, jobs=1)
    files, told = [], []
    for count, study in ((1, None), (3, None), (3, result.study)):
        made = {}
        with background_drawing(count, study) as background:
            background.begin(result)
            background.go_on(found, ["drivers"])
            told.append(save_figures(result, made.__setitem__, background.drawing))
            told[-1] += save_analysis_figures(
                result, found, made.__setitem__, ["drivers"], background.drawing
            )
            assert (len(background.made) == len(told[-1])) == (count > 1)
        files.append(made)
    assert files[0] == files[1] == files[2]
    assert told[0] == told[1] == told[2]


def test_very_many_kept_draws_are_not_copied(monkeypatch):
    monkeypatch.setattr("mcrace.figures.background._MOST_BYTES", 1000)
    with background_drawing(2) as background:
        background.begin(fake_result(typical_draws(size=1024)))
        assert background.helpers.showing == []
        assert background.drawing("inputs") is None
