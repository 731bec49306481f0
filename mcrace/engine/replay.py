"""One draw of a study, computed again by itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mcrace.engine.block import sampled_inputs
from mcrace.engine.evaluate import ReadyScenario, output_names, scenario_outputs
from mcrace.engine.plan import design_size
from mcrace.errors import Fault, ModelError, StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcrace.study import Study

__all__ = ["Replayed", "replayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One draw of one scenario.

    Attributes
    ----------
    scenario : str
        Its name.
    inputs : Mapping of str to float
        Value of each input.
    outputs : Mapping of str to float
        Value of each output, in its unit; empty if the draw is at fault.
    faults : tuple of Fault
        What is wrong with the draw.
    """

    scenario: str
    inputs: "Mapping[str, float]"
    outputs: "Mapping[str, float]"
    faults: tuple[Fault, ...]


def replayed(study: "Study", replicate: int, point: int) -> tuple[Replayed, ...]:
    """Compute one draw of every scenario again, as the run has it or would have it.

    Parameters
    ----------
    study : Study
        Checked.
    replicate, point : int
        Which draw, both counted from 0, as messages and ``draws.parquet`` (draw = replicate times points
        plus point) name it.

    Returns
    -------
    tuple of Replayed
        In the order of the scenarios.

    Raises
    ------
    StudyError
        If the study has no such replicate.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 200]}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ... )
    >>> (draw,) = replayed(study, 2, 17)
    >>> 0 < draw.inputs["day"] < 200, draw.outputs["open_effect"] <= 0
    (True, True)
    """
    replicates, points = design_size(study)
    most = replicates - 1
    if not (0 <= replicate <= most and point >= 0):
        expected = f"a replicate from 0 to {most} and a point from 0 on"
        raise StudyError([Fault(path="--draw", found=f"{replicate}:{point}", expected=expected)])
    found = []
    for scenario in study.scenarios:
        values = sampled_inputs(study, scenario, replicate, point, max(points, point + 1))
        outputs: dict[str, float] = {}
        faults: tuple[Fault, ...] = ()
        try:
            ready = ReadyScenario(study=study, scenario=scenario)
            row = [float(output[0]) for output in scenario_outputs(ready, values, 1)]
            outputs = dict(zip(output_names(study), row, strict=True))
        except ModelError as error:
            faults = error.faults
        inputs = {name: float(np.ravel(value)[0]) for name, value in values.items()}
        found.append(Replayed(scenario=scenario.name, inputs=inputs, outputs=outputs, faults=faults))
    return tuple(found)
