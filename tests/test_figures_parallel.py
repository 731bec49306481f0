"""Drawing in several processes: the same bytes, whatever happens to a helper."""

import os
import signal
import sys
import time

import pytest

from mcrace.figures.parallel import drawn_by

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def task(place):
    return lambda: (f"svg {place}".encode(), str(os.getpid()).encode())


def test_every_figure_in_its_place_and_in_several_processes():
    drawn = drawn_by([task(place) for place in range(7)], 3)
    assert [svg for svg, _ in drawn] == [f"svg {place}".encode() for place in range(7)]
    assert len({png for _, png in drawn}) == 3
    assert drawn[0][1] == str(os.getpid()).encode()


def test_one_process_is_this_one():
    assert {png for _, png in drawn_by([task(place) for place in range(3)], 1)} == {str(os.getpid()).encode()}


def test_drawings_larger_than_a_pipe_come_whole():
    drawn = drawn_by([lambda: (b"s" * 3_000_000, b"p" * 2_000_000)] * 4, 2)
    assert [(len(svg), len(png)) for svg, png in drawn] == [(3_000_000, 2_000_000)] * 4


def test_what_a_killed_helper_did_not_draw_is_drawn_here():
    mine = os.getpid()

    def die_elsewhere():
        if os.getpid() != mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"svg", b"png"

    assert drawn_by([die_elsewhere] * 6, 2) == [(b"svg", b"png")] * 6


def test_a_fault_is_told_here():
    def fail():
        raise ValueError("no axes")

    with pytest.raises(ValueError, match="no axes"):
        drawn_by([task(0), fail, task(2)], 2)


def test_an_interrupt_leaves_no_helper_behind():
    started = time.monotonic()

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn_by([interrupted, lambda: time.sleep(60)], 2)
    assert time.monotonic() - started < 30


def test_a_run_has_the_same_figures_from_any_number_of_processes():
    from mcrace.figures import save_figures
    from tests.fake_result import fake_result, typical_draws

    result = fake_result(typical_draws(size=1024))
    files: list[dict[str, bytes]] = [{}, {}]
    told = [save_figures(result, made.__setitem__, count) for made, count in zip(files, (1, 3), strict=True)]
    assert files[0] == files[1]
    assert told[0] == told[1]
