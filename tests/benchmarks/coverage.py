"""Coverage of the stated 95 % intervals: many runs of functions with known answers, without a study.

    python -m tests.benchmarks.coverage [--repetitions 3000] [--methods sobol random] [--draws 1024 16384]

Each repetition draws 16 independent replicates, maps their uniforms through every case, and takes the
intervals that `mcrace.summary` and `mcrace.contrasts` state. A cell (a statistic of a case) that has no
interval in most repetitions counts as one that cannot be had. The others must cover between 93 and 97 %: a
cell fails if its hits are beyond what chance leaves of such a share, jointly over all cells.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from scipy import special, stats

import mcrace
from mcrace.engine.result import Statistics
from mcrace.engine.statistics import LEVELS, STATISTICS, statistics_of
from mcrace.sampling import DESIGNS, unit_block

REPLICATES = 16
DIMENSIONS = 6
TAIL = 0.05
LEAST, MOST = 0.93, 0.97
CHUNK = 50

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A function of up to six uniforms u and normal scores z, shape (6, draw), and its exact statistics."""

    values: Callable[[Array, Array], Array]
    answers: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What became of the intervals, shape (case, statistic)."""

    names: tuple[str, ...]
    repetitions: int
    stated: Array
    hits: Array

    @property
    def judged(self) -> Array:
        """Cells that are stated in most repetitions."""
        return 2 * self.stated >= self.repetitions

    @property
    def share(self) -> Array:
        """Share of the stated intervals that hold the answer."""
        return np.where(self.stated > 0, self.hits / np.maximum(self.stated, 1), np.nan)

    def failed(self, level: float = 0.05) -> list[str]:
        """Cells whose coverage is outside [93, 97] %; `level` is the chance of naming a right one."""
        each = level / max(int(self.judged.sum()), 1)
        low = stats.binom.ppf(each / 2, self.stated, LEAST)
        high = stats.binom.ppf(1 - each / 2, self.stated, MOST)
        bad = self.judged & ((self.hits < low) | (self.hits > high))
        return [
            f"{self.names[case]}, {STATISTICS[place]}: {100 * self.share[case, place]:.1f} %"
            for case, place in np.argwhere(bad)
        ]


# Exact answers


def answers(ppf: Callable[[float], float], mean: float, sd: float, signs: tuple, shortfall: float) -> Array:
    """Lay the exact statistics out in the order of `STATISTICS`; `signs` are P(> 0) and P(= 0)."""
    positive, zero = signs
    known = {"mean": mean, "sd": sd, "p_positive": positive, "p_zero": zero}
    known |= {"p_negative": 1 - positive - zero, "shortfall_0.05": shortfall}
    known |= {f"q{level:g}": float(ppf(level)) for level in LEVELS}
    return np.array([known[name] for name in STATISTICS])


def normal(mean: float, sd: float) -> Array:
    law = stats.norm(mean, sd)
    return answers(
        law.ppf, mean, sd, (law.sf(0), 0.0), mean - sd * stats.norm.pdf(special.ndtri(TAIL)) / TAIL
    )


def lognormal(sigma: float, shift: float, factor: float = 1.0) -> Array:
    mean = factor * np.exp(sigma**2 / 2)
    worst = mean * special.ndtr(special.ndtri(TAIL) - sigma) / TAIL
    positive = special.ndtr(-np.log(shift / factor) / sigma)
    return answers(
        lambda p: factor * np.exp(sigma * special.ndtri(p)) - shift,
        mean - shift,
        mean * np.sqrt(np.expm1(sigma**2)),
        (positive, 0.0),
        worst - shift,
    )


def indicator(p: float) -> Array:
    return answers(lambda level: float(level > 1 - p), p, np.sqrt(p * (1 - p)), (p, 1 - p), 0.0)


def student(freedom: float) -> Array:
    law = stats.t(freedom)
    q = law.ppf(TAIL)
    sd = np.sqrt(freedom / (freedom - 2)) if freedom > 2 else np.inf
    return answers(law.ppf, 0.0, sd, (0.5, 0.0), -(freedom + q**2) / (freedom - 1) * law.pdf(q) / TAIL)


def pareto(exponent: float, shift: float) -> Array:
    worst = exponent / (exponent - 1) * (1 - (1 - TAIL) ** (1 - 1 / exponent)) / TAIL
    mean = exponent / (exponent - 1)
    signs = (shift**-exponent, 0.0)
    return answers(lambda p: (1 - p) ** (-1 / exponent) - shift, mean - shift, np.inf, signs, worst - shift)


def largest(shift: float) -> Array:
    """Give those of the larger of two uniforms, less `shift`: its distribution function is x^2."""
    return answers(
        lambda p: np.sqrt(p) - shift,
        2 / 3 - shift,
        np.sqrt(1 / 18),
        (1 - shift**2, 0.0),
        2 / 3 * np.sqrt(TAIL) - shift,
    )


def atom(mass: float, mean: float) -> Array:
    """0 with probability `mass`, else normal with sd 1."""
    rest = 1 - mass
    below = rest * special.ndtr(-mean)

    def ppf(p: float) -> float:
        if below < p <= below + mass:
            return 0.0
        return float(mean + special.ndtri((p if p <= below else p - mass) / rest))

    q = special.ndtri(TAIL / rest) if below >= TAIL else -mean
    worst = rest * (mean * special.ndtr(q) - stats.norm.pdf(q)) / TAIL
    spread = np.sqrt(rest * (1 + mean**2) - (rest * mean) ** 2)
    return answers(ppf, rest * mean, spread, (rest * special.ndtr(mean), mass), worst)


# Cases

WEIGHTS = np.array([3, 2, 1, 1, 1, 0.5]) / np.sqrt(16.25)
OFTEN, RARE, RARER = (float(special.ndtri(1 - p)) for p in (1.5e-3, 1e-3, 1e-5))


def bailey(freedom: float, u: Array) -> Array:
    """Student's t of two uniforms (R. W. Bailey, Math. Comp. 62 (1994) 779-781)."""
    return np.sqrt(freedom * (u[0] ** (-2 / freedom) - 1)) * np.cos(2 * np.pi * u[1])


def product(sigma: float, z: Array) -> Array:
    return np.exp(sigma * (z[0] + z[1] + z[2] + z[3]) / 2)


def gated(mass: float, z: Array) -> Array:
    return np.where((z[0] + z[1]) / np.sqrt(2) < special.ndtri(mass), 0.0, -0.2 + z[2])


def three(z: Array, place: int = 2) -> Array:
    return z[0] + z[1] + z[place]


CASES: Mapping[str, Case] = {
    "smooth sum of 6": Case(values=lambda _, z: 1 + 2 * (WEIGHTS @ z), answers=normal(1, 2)),
    "normal of 1": Case(values=lambda _, z: 1 + 2 * z[1], answers=normal(1, 2)),
    "lognormal .5 of 4": Case(values=lambda _, z: product(0.5, z) - 1.2, answers=lognormal(0.5, 1.2)),
    "lognormal 1 of 4": Case(values=lambda _, z: product(1, z) - 1.2, answers=lognormal(1, 1.2)),
    "lognormal 2 of 4": Case(values=lambda _, z: product(2, z) - 1.2, answers=lognormal(2, 1.2)),
    "lognormal .5 of 1": Case(values=lambda _, z: np.exp(0.5 * z[2]) - 1.2, answers=lognormal(0.5, 1.2)),
    "lognormal 1 of 1": Case(values=lambda _, z: np.exp(z[2]) - 1.2, answers=lognormal(1, 1.2)),
    "max of 2": Case(values=lambda u, _: np.maximum(u[0], u[1]) - 0.6, answers=largest(0.6)),
    "indicator of 1": Case(values=lambda u, _: 1.0 * (u[3] > 0.7), answers=indicator(0.3)),
    "indicator of sum": Case(
        values=lambda _, z: 1.0 * (three(z) > 0.5), answers=indicator(special.ndtr(-0.5 / np.sqrt(3)))
    ),
    "atom .3": Case(
        values=lambda u, z: np.where(u[0] < 0.3, 0.0, 0.2 + (z[1] + z[2]) / np.sqrt(2)),
        answers=atom(0.3, 0.2),
    ),
    "atom .97": Case(values=lambda _, z: gated(0.97, z), answers=atom(0.97, -0.2)),
    "t 3": Case(values=lambda u, _: bailey(3, u), answers=student(3)),
    "t 1.5": Case(values=lambda u, _: bailey(1.5, u), answers=student(1.5)),
    "Pareto 1.5": Case(values=lambda u, _: (1 - u[0]) ** (-1 / 1.5) - 2, answers=pareto(1.5, 2)),
    "rare 1e-3": Case(values=lambda _, z: three(z) / np.sqrt(3) - RARE, answers=normal(-RARE, 1)),
    "rare 1e-5": Case(values=lambda _, z: three(z) / np.sqrt(3) - RARER, answers=normal(-RARER, 1)),
    "smooth sum of 2": Case(
        values=lambda _, z: 0.3 + (z[0] + 0.5 * z[1]) / np.sqrt(1.25), answers=normal(0.3, 1)
    ),
    "sum of 6, other": Case(values=lambda _, z: 1.2 + 1.5 * (WEIGHTS @ z), answers=normal(1.2, 1.5)),
    "lognormal .6 of 4": Case(
        values=lambda _, z: 1.15 * product(0.6, z) - 1.2, answers=lognormal(0.6, 1.2, 1.15)
    ),
    "max of 2, other": Case(values=lambda u, _: np.maximum(u[0], 1 - u[1]) - 0.5, answers=largest(0.5)),
    "atom .9": Case(values=lambda _, z: gated(0.9, z), answers=atom(0.9, -0.2)),
    "indicator, other": Case(
        values=lambda _, z: 1.0 * (three(z, 3) > 0.5), answers=indicator(special.ndtr(-0.5 / np.sqrt(3)))
    ),
    "rare 1.5e-3": Case(values=lambda _, z: three(z) / np.sqrt(3) - OFTEN, answers=normal(-OFTEN, 1)),
}

CONTRASTS = (
    ("sum of 6, other", "smooth sum of 6"),
    ("lognormal .6 of 4", "lognormal .5 of 4"),
    ("max of 2, other", "max of 2"),
    ("atom .9", "atom .97"),
    ("indicator, other", "indicator of sum"),
    ("rare 1.5e-3", "rare 1e-3"),
    ("lognormal 1 of 4", "lognormal 1 of 1"),
)


# Runs


def simulated(method: str, draws: int, seeds: Sequence[int]) -> tuple[Array, Array]:
    """Statistics of all draws, shape (seed, case, statistic), and of each replicate on a last axis."""
    points = draws // REPLICATES
    pooled = np.empty((len(seeds), len(CASES), len(STATISTICS)))
    values = np.empty((*pooled.shape, REPLICATES))
    for row, seed in enumerate(seeds):
        blocks = [
            unit_block(
                method=method,
                seed=seed,
                replicate=replicate,
                start=0,
                count=points,
                points=points,
                names=list("abcdef"),
                dimensions=list(range(DIMENSIONS)),
            )
            for replicate in range(REPLICATES)
        ]
        u = np.concatenate(blocks, axis=1)
        z = special.ndtri(u)
        outputs = np.stack([case.values(u, z) for case in CASES.values()])
        pooled[row] = statistics_of(outputs)
        each = statistics_of(outputs.reshape(-1, points)).reshape(len(CASES), REPLICATES, -1)
        values[row] = np.moveaxis(each, 1, -1)
    return pooled, values


def simulated_by_all(method: str, draws: int, repetitions: int, workers: int) -> tuple[Array, Array]:
    """Do the same for the seeds from 10,000 on with some processes."""
    parts = [
        (method, draws, range(10_000 + at, 10_000 + min(at + CHUNK, repetitions)))
        for at in range(0, repetitions, CHUNK)
    ]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.starmap(simulated, parts)
    return np.concatenate([part[0] for part in done]), np.concatenate([part[1] for part in done])


def covered(pooled: Array, values: Array, points: int) -> Cover:
    """Tally the intervals of all cases and contrasts."""
    names = list(CASES)
    exact = np.stack([case.answers for case in CASES.values()])
    tables = [_ends(mcrace.summary, pooled[:, case][np.newaxis], values[:, case][np.newaxis], points)
              for case in range(len(names))]  # fmt: skip
    for ours, base in CONTRASTS:
        both = [names.index(base), names.index(ours)]
        parts = (np.moveaxis(pooled[:, both], 1, 0), np.moveaxis(values[:, both], 1, 0))
        tables.append(_ends(mcrace.contrasts, *parts, points))
        exact = np.concatenate([exact, exact[both[1:]] - exact[both[:1]]])
    low, high = (np.stack([table[end] for table in tables]) for end in (0, 1))
    return Cover(
        names=(*names, *(f"{ours} - {base}" for ours, base in CONTRASTS)),
        repetitions=len(pooled),
        stated=np.isfinite(low).sum(axis=1),
        hits=((low <= exact[:, np.newaxis]) & (exact[:, np.newaxis] <= high)).sum(axis=1),
    )


def _ends(table: Callable, pooled: Array, values: Array, points: int) -> tuple[Array, Array]:
    """Lower and upper ends, shape (repetition, statistic): repetitions stand as outputs of a run."""
    statistics = Statistics(
        scenarios=("base", "other")[: len(pooled)],
        outputs=tuple(str(place) for place in range(pooled.shape[1])),
        names=STATISTICS,
        pooled=pooled,
        values=values,
        points=points,
    )
    frame = table(SimpleNamespace(statistics=statistics))
    return tuple(frame[end].to_numpy().reshape(pooled.shape[1:]) for end in ("low", "high"))


def report(cover: Cover, title: str) -> str:
    """Tabulate coverage in %, `-` where most repetitions state no interval, `!` beyond the joint band."""
    heads = [name.replace("shortfall_0.05", "short").replace("_", " ")[:6] for name in STATISTICS]
    failed = cover.failed()
    lines = [title, f"{'':34}" + "".join(f"{head:>7}" for head in heads)]
    for case, name in enumerate(cover.names):
        cells = []
        for place, statistic in enumerate(STATISTICS):
            mark = "!" if any(line.startswith(f"{name}, {statistic}:") for line in failed) else " "
            shown = f"{100 * cover.share[case, place]:.1f}{mark}" if cover.judged[case, place] else "- "
            cells.append(f"{shown:>7}")
        lines.append(f"{name:34}" + "".join(cells))
    judged = cover.share[cover.judged]
    outside = int(((judged < LEAST) | (judged > MOST)).sum())
    lines.append(
        f"{judged.size} cells judged, {cover.judged.size - judged.size} not resolved; mean coverage "
        f"{100 * judged.mean():.2f} %, {outside} observed outside 93 to 97, {len(failed)} beyond chance"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each method and number of draws; exit code 1 if a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=3000)
    parser.add_argument("--methods", nargs="+", choices=list(DESIGNS), default=list(DESIGNS))
    parser.add_argument("--draws", nargs="+", type=int, default=[1024, 16_384])
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    failed = 0
    for draws in asked.draws:
        for method in asked.methods:
            pooled, values = simulated_by_all(method, draws, asked.repetitions, asked.workers)
            cover = covered(pooled, values, draws // REPLICATES)
            print(report(cover, f"{method}, {draws:,} draws, {asked.repetitions:,} repetitions"))
            failed += len(cover.failed())
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
