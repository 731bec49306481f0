"""Sobol' indices beside SALib's: error at equal runs of the model, time, and coverage of stated intervals.

    python -m tests.benchmarks.sensitivity [--repetitions 1000] [--seeds 8]

SALib takes one scrambled Sobol' design of 2^14 base points without second order; mcrace as many runs in 8
replicates. Machines are shared and noisy: the sides take turns, and what counts is the ratio.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from mcrace.analysis.given_data import given_data
from mcrace.analysis.shapley import shapley_effects
from mcrace.analysis.sobol_indices import sobol_indices
from mcrace.sampling import unit_block
from tests.benchmarks import numpy_by_hand as by_hand
from tests.benchmarks.speed import P1_LAWS, P1_NAMES

BASE = 2**14
REPLICATES = 8
TURNS = 5
G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A function of uniforms, shape (input, n), its inputs, and its exact indices."""

    outputs: Callable[[Array], Array]
    inputs: tuple[str, ...]
    first: Array
    total: Array


def benchmark_problem(u: Array) -> Array:
    """Value P1, in millions of USD."""
    k, x_new, s, rho = (law.ppf(row) for law, row in zip(P1_LAWS, u, strict=True))
    k, x_new = np.minimum(k, by_hand.HORIZON), np.maximum(x_new, by_hand.OPEN_TODAY)
    return by_hand.p1_model(k, x_new, s, rho, capture=by_hand.capture_by_table)[0][np.newaxis] / 1e6


def ishigami(u: Array) -> Array:
    """Value Ishigami's function with a = 7 and b = 0.1."""
    x = np.pi * (2 * u - 1)
    return (np.sin(x[0]) * (1 + 0.1 * x[2] ** 4) + 7 * np.sin(x[1]) ** 2)[np.newaxis]


def g_function(u: Array) -> Array:
    """Value Sobol's g function."""
    weights = G_WEIGHTS[:, np.newaxis]
    return np.prod((np.abs(4 * u - 2) + weights) / (1 + weights), axis=0)[np.newaxis]


def _ishigami_indices() -> tuple[Array, Array]:
    alone = np.array([(1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 0.0])
    together = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = alone.sum() + together
    return alone / whole, (alone + together * np.array([1, 0, 1])) / whole


def _g_indices() -> tuple[Array, Array]:
    alone = 1 / 3 / (1 + G_WEIGHTS) ** 2
    whole = np.prod(1 + alone) - 1
    return alone / whole, alone * np.prod(1 + alone) / (1 + alone) / whole


PROBLEMS = {
    # By nested Gauss-Legendre quadrature.
    "benchmark": Problem(
        outputs=benchmark_problem,
        inputs=P1_NAMES,
        first=np.array([0.07807, 0.29434, 0.51172, 0.02497]),
        total=np.array([0.14409, 0.37754, 0.54402, 0.02969]),
    ),
    "Ishigami": Problem(
        outputs=ishigami, inputs=("a", "b", "c"), first=_ishigami_indices()[0], total=_ishigami_indices()[1]
    ),
    "g": Problem(outputs=g_function, inputs=tuple("abcdef"), first=_g_indices()[0], total=_g_indices()[1]),
}


def ours(problem: Problem, seed: int, points: int = BASE // REPLICATES, replicates: int = REPLICATES):
    """Estimate with mcrace."""
    return sobol_indices(problem.outputs, problem.inputs, points=points, replicates=replicates, seed=seed)


def salib(problem: Problem, seed: int) -> tuple[Array, Array]:
    """Estimate with SALib; first and total."""
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    count = len(problem.inputs)
    space = {"num_vars": count, "names": list(problem.inputs), "bounds": [[0.0, 1.0]] * count}
    rows = sampling.sample(space, BASE, calc_second_order=False, seed=seed)
    outputs = problem.outputs(np.ascontiguousarray(rows.T).clip(2.0**-53, 1 - 2.0**-53))[0]
    found = analysis.analyze(space, outputs, calc_second_order=False, seed=seed)
    return found["S1"], found["ST"]


def compare(name: str, seeds: int) -> None:
    """Print errors and times of both at equal runs."""
    problem = PROBLEMS[name]
    exact = np.concatenate([problem.first, problem.total])
    errors, seconds = {"mcrace": [], "SALib": []}, {"mcrace": [], "SALib": []}
    ours(problem, 0, 64, 2)
    for seed in range(max(seeds, TURNS)):
        for side, found in errors.items():
            started = time.perf_counter()
            if side == "mcrace":
                table = ours(problem, seed)
                indices = table.first.value[0], table.total.value[0]
            else:
                indices = salib(problem, seed)
            seconds[side].append(time.perf_counter() - started)
            found.append(np.concatenate(indices) - exact)
    rms = {side: np.sqrt((np.array(found) ** 2).mean(axis=0)) for side, found in errors.items()}
    times = {side: median(found) for side, found in seconds.items()}
    print(f"{name}: {BASE * (len(problem.inputs) + 2):,} runs, {seeds} seeds")
    for side, found in rms.items():
        print(f"  {side:<7} {times[side]:.3f} s, rms errors in 1e-4: {np.round(found * 1e4, 2)}")
    print(f"  mcrace over SALib: time {times['mcrace'] / times['SALib']:.2f}, worst error", end=" ")
    print(f"{rms['mcrace'].max() / rms['SALib'].max():.3f}, each {np.round(rms['mcrace'] / rms['SALib'], 2)}")


def covered(estimates: Callable[[int], list], exact: Array, repetitions: int) -> tuple[Array, Array]:
    """Count intervals that hold the exact values, and compare their half widths with 1.96 rms errors.

    `estimates` gives, for a seed, `Estimates` that side by side have the shape of `exact`.
    """
    errors, halves = np.empty((2, repetitions, exact.size))
    for seed in range(repetitions):
        found = estimates(seed)
        values = np.concatenate([one.value.ravel() for one in found])
        upper = np.concatenate([one.interval()[1].ravel() for one in found])
        errors[seed], halves[seed] = values - exact, upper - values
    share = (np.abs(errors) <= halves).mean(axis=0)
    return share, halves.mean(axis=0) / (1.96 * np.sqrt((errors**2).mean(axis=0)))


def index_intervals(name: str, points: int, replicates: int) -> tuple[Callable[[int], list], Array]:
    """Sobol' indices of a problem for a seed, and the exact ones."""
    problem = PROBLEMS[name]

    def estimates(seed: int) -> list:
        found = ours(problem, seed, points, replicates)
        return [found.first, found.total]

    return estimates, np.concatenate([problem.first, problem.total])


def shapley_intervals(points: int, replicates: int) -> tuple[Callable[[int], list], Array]:
    """Shapley shares of Ishigami's function for a seed, and the exact ones."""
    problem = PROBLEMS["Ishigami"]

    def estimates(seed: int) -> list:
        found = shapley_effects(
            problem.outputs, problem.inputs, copula=None, points=points, replicates=replicates, seed=seed
        )
        return [found.share]

    return estimates, (problem.first + problem.total) / 2


def draws_of(name: str, points: int, replicates: int, seed: int, method: str = "sobol"):
    """Draw inputs (as uniforms) and outputs of a problem, as a run keeps them."""
    problem = PROBLEMS[name]
    rows = [
        unit_block(
            method=method,
            seed=seed,
            replicate=replicate,
            start=0,
            count=points,
            points=points,
            names=problem.inputs,
            dimensions=range(len(problem.inputs)),
        )
        for replicate in range(replicates)
    ]
    outputs = problem.outputs(np.concatenate(rows, axis=1)).reshape(-1, replicates, points)
    return np.array(rows).transpose(0, 2, 1), outputs


def given_intervals(
    name: str, points: int, replicates: int, method: str
) -> tuple[Callable[[int], list], Array]:
    """First-order indices from draws for a seed, and the exact ones."""

    def estimates(seed: int) -> list:
        return [given_data(*draws_of(name, points, replicates, seed, method)).first]

    return estimates, PROBLEMS[name].first


def main(arguments: list[str] | None = None) -> int:
    """Compare, then try coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=8)
    asked = parser.parse_args(arguments)
    for name in ("benchmark", "Ishigami", "g") if asked.seeds else ():
        compare(name, asked.seeds)
    trials = {f"Sobol' indices, {name}": index_intervals(name, 128, 16) for name in PROBLEMS}
    trials |= {"Shapley shares, Ishigami": shapley_intervals(128, 16)}
    trials |= {
        f"from draws, {name}, {method}": given_intervals(name, 128, 16, method)
        for name in PROBLEMS
        for method in ("sobol", "random")
    }
    for title, trial in trials.items() if asked.repetitions else ():
        share, wide = covered(*trial, asked.repetitions)
        print(
            f"{title}: coverage in % {np.round(100 * share, 1)}, half width over 1.96 rms {np.round(wide, 2)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
