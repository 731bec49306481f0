"""Statistics of draws that are all held: equal outputs are computed once."""

import numpy as np

from mcrace.engine.group import _exact
from mcrace.engine.held import Held
from mcrace.engine.setting import Group
from mcrace.engine.statistics import statistics_of


def test_outputs_that_share_draws_have_each_its_own_statistics() -> None:
    random = np.random.default_rng(5)
    one, other = random.normal(size=(2, 4, 2048))
    nearly = one.copy()
    nearly[2, 3] += 1.0  # a draw at which nobody glances
    zero = np.zeros_like(one)
    rows = np.stack([one, zero, other, nearly, one, -zero])
    places = np.array([[0, 1, 2], [3, 4, 5]])
    group = Group(first=0, last=2, names=("base", "two"), outputs=("a", "b", "c"))
    found = _exact(group, Held(rows=rows, places=places, inputs=np.zeros((2, 0, 4, 0))))
    for scenario, output in np.ndindex(2, 3):
        row = rows[places[scenario, output]]
        expected = statistics_of(row)
        assert found.values[scenario, output].T.tobytes() == expected.tobytes()
        assert found.pooled[scenario, output].tobytes() == statistics_of(row.reshape(1, -1))[0].tobytes()
    assert found.points == 2048
