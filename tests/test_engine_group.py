"""Statistics of draws that are all held: equal outputs are computed once."""

import numpy as np

from mcrace.engine.group import Group, _exact
from mcrace.engine.statistics import statistics_of


def test_outputs_that_share_draws_have_each_its_own_statistics() -> None:
    random = np.random.default_rng(5)
    one, other = random.normal(size=(2, 4, 2048))
    nearly = one.copy()
    nearly[2, 3] += 1.0  # a draw at which nobody glances
    zero = np.zeros_like(one)
    outputs = np.stack([np.stack([one, zero, other]), np.stack([nearly, one, -zero])])
    found = _exact(Group(first=0, last=2, names=("base", "two"), outputs=("a", "b", "c")), outputs)
    for scenario, output in np.ndindex(2, 3):
        rows = outputs[scenario, output]
        expected = statistics_of(rows)
        assert found.values[scenario, output].T.tobytes() == expected.tobytes()
        assert found.pooled[scenario, output].tobytes() == statistics_of(rows.reshape(1, -1))[0].tobytes()
    assert found.points == 2048
