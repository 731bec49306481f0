"""Faults that somebody could make in the estimators and the samplers, one at a time."""

from dataclasses import dataclass

__all__ = ["MUTANTS", "Mutant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault.

    Attributes
    ----------
    name : str
        What goes wrong.
    file : str
        Below the package.
    old, new : str
        What stands there, exactly once, and what takes its place.
    tests : tuple of str
        Quick tests that should fail, files or nodes below `tests`.
    equivalent : str
        Why no test can see it; empty if one should.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    equivalent: str = ""


def _of(file: str, tests: tuple[str, ...], *faults: tuple[str, str, str]) -> tuple[Mutant, ...]:
    return tuple(Mutant(name=name, file=file, old=old, new=new, tests=tests) for name, old, new in faults)


HAND = "campaign/test_campaign_statistics.py"

COVERAGE = (
    "test_coverage.py::test_errors_are_the_formulas_of_their_references",
    "test_coverage.py::test_tail_indices_are_those_of_known_laws",
    "test_coverage.py::test_intervals_of_normal_replicates_cover_95_percent",
    "test_coverage.py::test_the_sd_of_a_net_has_no_bias_of_its_own",
    "test_coverage.py::test_certain_brackets_are_told_where_they_weigh",
    "test_coverage.py::test_an_infinite_variance_is_told",
    "test_coverage.py::test_rare_events_are_told",
    "test_coverage.py::test_a_quantile_at_the_edge_of_an_atom_is_told",
)

MUTANTS: tuple[Mutant, ...] = (
    *_of(
        "engine/statistics.py",
        ("test_engine.py::test_statistics_by_hand", "test_engine.py", HAND),
        ("sd divides by n", "ddof=1) if count > 1", "ddof=0) if count > 1"),
        ("sum instead of mean", "ordered[:, 0], values.mean(axis=1))", "ordered[:, 0], values.sum(axis=1))"),
        ("quantile off by half a draw", "level * ordered.shape[1] - 0.5", "level * ordered.shape[1]"),
        ("quantile off by one draw", "level * ordered.shape[1] - 0.5", "level * ordered.shape[1] - 1.5"),
        ("another quantile", "level * ordered.shape[1] - 0.5", "level * (ordered.shape[1] - 1)"),
        (
            "quantile leans the wrong way",
            "low + (position - below) * (high - low)",
            "high - (position - below) * (high - low)",
        ),
        ("an atom at 0 is a gain", "(values > 0).mean(axis=1)", "(values >= 0).mean(axis=1)"),
        ("an atom at 0 is a loss", "(values < 0).mean(axis=1)", "(values <= 0).mean(axis=1)"),
        (
            "shortfall of twice the share",
            "_shortfall(ordered, SHORTFALL_LEVEL)",
            "_shortfall(ordered, 2 * SHORTFALL_LEVEL)",
        ),
        (
            "shortfall counts the draw at the edge whole",
            "(size - whole) * ordered[:, whole]",
            "1.0 * ordered[:, whole]",
        ),
        ("shortfall divides by whole draws", "edge, total / size)", "edge, total / max(whole, 1))"),
        (
            "shortfall of the best draws",
            "total = ordered[:, :whole].sum(axis=1)",
            "total = ordered[:, ordered.shape[1] - whole :].sum(axis=1)",
        ),
    ),
    *_of(
        "engine/intervals.py",
        ("test_summary.py", HAND, *COVERAGE),
        ("root of replicates - 1", "np.sqrt(variance / replicates)", "np.sqrt(variance / (replicates - 1))"),
        ("error of one replicate", "np.sqrt(variance / replicates)", "np.sqrt(variance)"),
        (
            "variance divides by replicates",
            "(steps**2).sum(axis=-1) / (replicates - 1)",
            "(steps**2).sum(axis=-1) / replicates",
        ),
        ("no bias of quantiles", "+= bias**2 * replicates / (replicates - 1)", "+= 0.0 * bias**2"),
        ("bias not squared", "+= bias**2 * replicates", "+= bias * replicates"),
        ("Sheppard's twelfth is a sixth", "_gaps(sample) ** 2 / 12.0", "_gaps(sample) ** 2 / 6.0"),
        (
            "Sheppard's correction taken off",
            "variance[..., _QUANTILES] += _gaps(sample) ** 2",
            "variance[..., _QUANTILES] -= _gaps(sample) ** 2",
        ),
        ("skewness narrows", "1.0 + 1.08 * squared / replicates", "1.0 - 1.08 * squared / replicates"),
        ("skewness a third", "1.0 + 1.08 * squared", "1.0 + 0.36 * squared"),
        (
            "third moment without its factor",
            ".sum(axis=-1) * replicates / ((replicates - 1)",
            ".sum(axis=-1) / ((replicates - 1)",
        ),
        (
            "contrast taken unpaired",
            "variance = _variance(pooled, values, _skewed(sample) | _skewed(base))",
            "variance = _variance(sample.pooled, sample.values, _skewed(sample)) + _variance("
            "base.pooled, base.values, _skewed(base))",
        ),
        ("roundings of a contrast add up", "theirs**2 - 2.0 * together", "theirs**2 + 2.0 * together"),
        ("gaps of all draws", "gaps / sample.points)", "gaps / (sample.points * sample.values.shape[-1]))"),
        (
            "infinite variance not told",
            "why[tails.variance_infinite, _MEAN] = INFINITE",
            "why[tails.variance_infinite, _MEAN] = STATED",
        ),
        ("quantiles beyond the draws", "_FEWEST_BEYOND = 5.0", "_FEWEST_BEYOND = 0.5"),
        ("probability of one draw", "_FEWEST_IN_ALL = 4.0", "_FEWEST_IN_ALL = 1.0"),
        ("atoms not told", "quantiles[quantiles == SAME] = ATOM", "quantiles[quantiles == SAME] = STATED"),
        (
            "rigid counts not told",
            "quantiles[_counts_are_rigid(values, _gaps(sample))] = LATTICE",
            "quantiles[_counts_are_rigid(values, _gaps(sample))] = STATED",
        ),
    ),
    *_of(
        "engine/tails.py",
        (*COVERAGE, HAND),
        ("another step of Pickands", "np.log(5.0)", "np.log(4.0)"),
        ("inner and outer step change places", "(q05 - q01, q25 - q05)", "(q25 - q05, q05 - q01)"),
        ("tails change places", "(q99 - q95, q95 - q75)", "(q95 - q75, q99 - q95)"),
        ("noise without a root", "float(np.sqrt(draws))", "float(draws)"),
    ),
    *_of(
        "engine/precision.py",
        (
            "test_engine_scale.py::test_what_is_never_seen_is_precise_by_the_rule_of_three",
            "test_engine_scale.py::test_points_are_doubled_until_precise_enough",
        ),
        ("rule of three, not halved", "return 1.5 / (", "return 3.0 / ("),
        (
            "a relative error taken as absolute",
            "target.standard_error * _scale(target, statistics)",
            "target.standard_error",
        ),
    ),
    *_of(
        "analysis/summary.py",
        ("test_summary.py", *COVERAGE, HAND),
        (
            "degrees of freedom off by one",
            "stdtrit(statistics.replicates - 1, 0.975)",
            "stdtrit(statistics.replicates, 0.975)",
        ),
        (
            "one-sided interval",
            "stdtrit(statistics.replicates - 1, 0.975)",
            "stdtrit(statistics.replicates - 1, 0.95)",
        ),
        ("1.96 for Student's t", "float(stdtrit(statistics.replicates - 1, 0.975))", "1.959963984540054"),
        ("contrast with the wrong sign", "ours.pooled - base.pooled,", "base.pooled - ours.pooled,"),
        ("bracket of a contrast too narrow", "brackets[:1, ..., ::-1]", "brackets[:1]"),
        ("variance of the mean taken off", "(1.0 - 1.0 / draws) + of_mean", "(1.0 - 1.0 / draws) - of_mean"),
        ("variance of the mean left out", "(1.0 - 1.0 / draws) + of_mean", "(1.0 - 1.0 / draws)"),
    ),
    *_of(
        "analysis/estimates.py",
        ("test_decomposition.py", "test_rules.py", HAND),
        ("degrees of freedom off by one", "stdtrit(self.replicates - 1,", "stdtrit(self.replicates,"),
        ("one-sided interval", "(1 + level) / 2)", "level)"),
        ("1.96 for Student's t", "stdtrit(self.replicates - 1, (1 + level) / 2) *", "1.959963984540054 *"),
        ("ddof=0", "values.std(axis=0, ddof=1)", "values.std(axis=0, ddof=0)"),
        (
            "error of one replicate",
            "values.std(axis=0, ddof=1) / np.sqrt(replicates)",
            "values.std(axis=0, ddof=1)",
        ),
        (
            "jackknife without its factor",
            "np.sqrt((replicates - 1) * without.var(axis=0))",
            "np.sqrt(without.var(axis=0))",
        ),
        (
            "jackknife with another factor",
            "np.sqrt((replicates - 1) * without.var(axis=0))",
            "np.sqrt(replicates * without.var(axis=0))",
        ),
    ),
    *_of(
        "engine/tally.py",
        ("test_engine_scale.py", HAND),
        ("mean weighted the wrong way", "step * (right.points / points)", "step * (left.points / points)"),
        (
            "squares without the step",
            "right.squares + step**2 * (left.points",
            "right.squares + 0 * (left.points",
        ),
        ("step not squared", "step**2 * (left.points * right.points", "step * (left.points * right.points"),
        ("largest value of the left", "high=np.maximum(left.high, right.high)", "high=left.high"),
        ("counts of the last block dropped", "counts=left.counts + right.counts", "counts=left.counts"),
        ("signs of the last block dropped", "signs=left.signs + right.signs", "signs=left.signs"),
        ("tail of the last block dropped", "tail=left.tail + right.tail", "tail=left.tail"),
    ),
    *_of(
        "engine/counting.py",
        ("test_engine_scale.py", HAND),
        ("an atom at 0 is a gain", "above += value > 0.0", "above += value >= 0.0"),
        ("a constant 0 is a gain", "0 if low > 0.0 else 2", "0 if low >= 0.0 else 2"),
        (
            "squares not about the mean",
            "step = number_at(address, start + lane) - mean",
            "step = number_at(address, start + lane)",
        ),
        ("mean not corrected", "found[2] = mean + rest / points", "found[2] = mean"),
        ("half of the strip lost", "size = lanes.size // 2\n", "size = lanes.size // 4\n"),
        ("tail a bin short", "places[lane] <= last_of_tail", "places[lane] < last_of_tail"),
        (
            "an edge counts below",
            "step = edges[np.uint64(places[lane])] <= value",
            "step = edges[np.uint64(places[lane])] < value - 1e-9",
        ),
    ),
    *_of(
        "engine/counted.py",
        ("test_engine_scale.py", HAND),
        ("sd divides by n", "tally.squares / max(tally.points - 1, 1)", "tally.squares / tally.points"),
        (
            "interpolation forgets the bins below",
            "(ranks - before) / (filled[places] - before)",
            "ranks / filled[places]",
        ),
        ("bracket a draw low", "level * points - 0.5, 0.0)", "level * points - 1.5, 0.0)"),
        ("bracket of one draw", "_bin(filled, min(below + 2, points))", "_bin(filled, below + 1)"),
        ("shortfall without its last bin", "return (sure + partial) / rank", "return sure / rank"),
        ("shortfall counts bins at their lower ends", "middles = (lows + highs) / 2.0", "middles = lows"),
        (
            "shortfall a bin too far",
            "sure = tail_sum + float(counts[tail + 1 : place]",
            "sure = tail_sum + float(counts[tail + 1 : place] * 0",
        ),
    ),
    *_of(
        "engine/exact.py",
        ("test_engine_scale.py",),
        (
            "quantile off by one draw",
            "rank = below - int(found.before[place])",
            "rank = max(below - int(found.before[place]) - 1, 0)",
        ),
        (
            "a draw on the bound is lost",
            "(values >= low) & (values < high)",
            "(values > low) & (values < high)",
        ),
        ("quantile in the wrong column", "place[1], 2 + place[2]", "place[1], 1 + place[2]"),
    ),
    *_of(
        "engine/tree.py",
        ("test_engine_scale.py",),
        ("order by arrival", "merge(other, item) if index & 1 else merge(item, other)", "merge(other, item)"),
        ("merge drops the last block", "for node in others:", "for node in others[:-1]:"),
        ("last leaf never computed", "if start < leaves:", "if start < leaves - 1:"),
    ),
    *_of(
        "engine/group.py",
        ("test_engine_scale.py", "test_engine.py"),
        (
            "last replicate dropped from the pool",
            "reduce(merged, [total(forest, merged) for forest in forests])",
            "reduce(merged, [total(forest, merged) for forest in forests[:-1]])",
        ),
    ),
    *_of(
        "engine/held.py",
        ("test_engine_scale.py", "test_engine.py"),
        (
            "a block forgotten",
            "for at in range(start, start + count, BLOCK_POINTS)",
            "for at in range(start, start + count, BLOCK_POINTS) if at == start or at % 3",
        ),
        ("kept draws of the end", "self.rows[..., :points]", "self.rows[..., -points:]"),
        ("outputs mixed up", "[self.places])", "[self.places[::-1]])"),
    ),
    *_of(
        "engine/task.py",
        ("test_engine.py", "test_replay.py"),
        ("every replicate is the first", "replicate=task.replicate,", "replicate=0,"),
        ("replicate off by one", "replicate=task.replicate,", "replicate=task.replicate + 1,"),
    ),
    *_of(
        "engine/block.py",
        ("test_engine.py", "test_replay.py"),
        ("seed not used", "seed=sampling.seed,", "seed=0,"),
        ("points mirrored", "law.ppf(uniforms[item.name])", "law.ppf(1.0 - uniforms[item.name])"),
        (
            "scenarios on draws of their own",
            "_sample(item, uniforms, samples) for item in one.scenario.inputs",
            "_sample(item, {key: abs(row % 2 - found) for key, found in uniforms.items()}, {}) "
            "for item in one.scenario.inputs",
        ),
    ),
    *_of(
        "sampling/block.py",
        ("test_sampling.py",),
        ("scramble used again in each replicate", "{seed}/{replicate}/{name}", "{seed}/{name}"),
        ("one scramble for all inputs", "{seed}/{replicate}/{name}", "{seed}/{replicate}"),
        ("seed not used", "{seed}/{replicate}/{name}", "{replicate}/{name}"),
        ("blocks overlap by four words", "counter=start // 4)", "counter=max(start // 4 - 1, 0))"),
        ("uniforms reach 0", "(bits.astype(np.float64) + 0.5)", "(bits.astype(np.float64))"),
    ),
    *_of(
        "sampling/latin_hypercube.py",
        ("test_sampling.py",),
        ("strata and places share a key", "block.points, key[2:4])", "block.points, key[:2])"),
        ("lower half of each stratum", "(within * (high - low))", "(0.5 * within * (high - low))"),
        ("strata in their order", "strata = _permuted(index, block.points, key[2:4])", "strata = index"),
    ),
    *_of(
        "sampling/sobol.py",
        ("test_sampling.py", "test_sampling_quality.py"),
        (
            "one scramble for all inputs",
            "_round_keys(keys[:, :6])",
            "_round_keys(np.repeat(keys[:1, :6], len(keys), 0))",
        ),
        ("digits below share the key of those above", "_tail_keys(keys[:, 6:])", "_tail_keys(keys[:, :2])"),
        ("compiled points lose a digit", "for j in range(8, 32):", "for j in range(9, 32):"),
        ("even multiplier", "rounds[:, 2::3] |= np.uint32(1)", "rounds[:, 2::3] &= np.uint32(0xFFFFFFFE)"),
    ),
    *_of(
        "sampling/designs.py",
        ("test_sampling.py",),
        (
            "fewer draws than asked",
            "design.rounded(-(-draws // replicates))",
            "design.rounded(draws // replicates)",
        ),
    ),
    *_of(
        "sampling/copula.py",
        ("test_correlations.py",),
        (
            "t copula without its half",
            "degrees / 2 / Gamma(degrees / 2, 1.0)",
            "degrees / Gamma(degrees / 2, 1.0)",
        ),
        ("weights squared", "score += weight * scores[other]", "score += weight**2 * scores[other]"),
    ),
    *_of(
        "sampling/rank_correlation.py",
        ("test_correlations.py",),
        (
            "rank correlation taken as that of scores",
            "return 6.0 / math.pi * math.asin(score / 2.0)",
            "return score",
        ),
        (
            "Pearson's formula without its half",
            "2.0 * math.sin(math.pi * spearman / 6.0)",
            "math.sin(math.pi * spearman / 2.0)",
        ),
    ),
    *_of(
        "laws/normal.py",
        ("test_laws.py", "test_laws_independent.py"),
        (
            "scale off by 1 %",
            "return self.mean + self.sd * standard",
            "return self.mean + 1.01 * self.sd * standard",
        ),
        (
            "location off by 0.01 sd",
            "return self.mean + self.sd * standard",
            "return self.mean + 0.01 * self.sd + self.sd * standard",
        ),
    ),
    *_of(
        "laws/lognormal.py",
        ("test_laws.py", "test_laws_independent.py"),
        ("mean without half the variance", "self.sigma * self.sigma / 2", "self.sigma * self.sigma"),
        ("sigma from one tail", "/ (z_second - z_first)", "/ z_second"),
        ("sd of the logarithm", "math.sqrt(math.log1p(ratio * ratio))", "ratio"),
    ),
    *_of(
        "laws/exponential.py",
        ("test_laws.py", "test_laws_independent.py"),
        ("rate taken for the mean", "return Exponential(1 / rate)", "return Exponential(rate)"),
        (
            "median taken for the mean",
            "Exponential(-point.value / math.log1p(-point.level))",
            "Exponential(point.value)",
        ),
    ),
    *_of(
        "laws/weibull.py",
        ("test_laws.py", "test_laws_independent.py"),
        ("shape not inverted", "(-np.log1p(-u)) ** (1 / self.shape)", "(-np.log1p(-u)) ** self.shape"),
    ),
    *_of(
        "laws/gamma.py",
        ("test_laws.py", "test_laws_independent.py"),
        ("sd is that of the shape", "math.sqrt(self.shape) * self.scale", "self.shape * self.scale"),
    ),
    *_of(
        "laws/poisson.py",
        ("test_laws.py", "test_laws_independent.py"),
        (
            "count off by one",
            "gammaincc(np.floor(np.maximum(x, 0.0)) + 1, self.mean)",
            "gammaincc(np.floor(np.maximum(x, 0.0)) + 2, self.mean)",
        ),
    ),
    *_of(
        "laws/student_t.py",
        ("test_laws.py", "test_laws_independent.py"),
        ("degrees of freedom off by one", "self.df / (self.df - 2)", "self.df / (self.df - 1)"),
    ),
    *_of(
        "laws/discrete.py",
        ("test_laws.py", "test_laws_independent.py", "test_laws_tables.py"),
        ("weights not divided", "pairs = sorted((value, share / total)", "pairs = sorted((value, share)"),
    ),
    *_of(
        "laws/triangular.py",
        ("test_laws.py", "test_laws_independent.py"),
        ("sd of a uniform", "self._peak * self._peak) / 18)", "self._peak * self._peak) / 12)"),
        ("left side without the peak", "select(rises, lower * peak,", "select(rises, lower,"),
    ),
    *_of(
        "analysis/sobol_indices.py",
        ("test_sobol_indices.py", HAND),
        (
            "first index with the wrong design",
            "(rests[1], by_one, missed / 2, by_all)",
            "(rests[0], by_one, missed / 2, by_all)",
        ),
        (
            "Jansen's half left out",
            "(rests[1], by_one, missed / 2, by_all)",
            "(rests[1], by_one, missed, by_all)",
        ),
        (
            "variance of one design",
            "known.sum(axis=1) + whole / (2 * plan.points)",
            "known.sum(axis=1) + whole / plan.points",
        ),
        ("covariance counted once", "crossed = 2 * (weights * onto).T", "crossed = (weights * onto).T"),
        (
            "total takes the terms of one input",
            "_with_crossed(known, crossed, mine, steps[3])",
            "_with_crossed(known, crossed, alone, steps[3])",
        ),
        (
            "shares of all replicates' variance",
            "(whole.sum(axis=0) - whole)\n    return",
            "whole.sum(axis=0)\n    return",
        ),
    ),
    *_of(
        "analysis/given_data.py",
        ("test_given_data.py",),
        (
            "products with itself",
            "crossed, held = sums * (sums.sum(axis=0) - sums)",
            "crossed, held = sums * sums.sum(axis=0)",
        ),
        (
            "square of the mean added",
            "held.sum(axis=0)) - level.sum() / pairs",
            "held.sum(axis=0)) + level.sum() / pairs",
        ),
        ("mean of distances", "np.median(found, axis=1), found.max", "found.mean(axis=1), found.max"),
        ("ranks of ties broken", "starts + (lengths - 1) / 2", "starts + (lengths - 1)"),
        (
            "products without a replicate",
            "crossed.sum(axis=0) - 2 * crossed,",
            "crossed.sum(axis=0) - crossed,",
        ),
    ),
    *_of(
        "analysis/shapley.py",
        ("test_shapley.py",),
        ("half the square left out", "outputs[:, :1]) ** 2 / 2, axis=1)", "outputs[:, :1]) ** 2, axis=1)"),
        ("step off by one", "step = inputs - 1 - place[number]", "step = (inputs - place[number]) % inputs"),
        ("t innovations without the square", "np.sqrt((degrees + square) / more)", "np.sqrt(degrees / more)"),
    ),
    *_of(
        "analysis/decomposition.py",
        ("test_decomposition.py",),
        (
            "order by sign",
            "np.argsort(-np.abs(parts.mean(axis=1)), kind",
            "np.argsort(-parts.mean(axis=1), kind",
        ),
        ("steps do not add up", "start=np.append(0.0, end)[: len(end)]", "start=end"),
    ),
    *_of(
        "analysis/information.py",
        ("test_information.py",),
        (
            "best chosen on its own draws",
            "np.delete(gains, fold, axis=1).mean(axis=(1, 2))",
            "gains[:, fold].mean(axis=(1, 2))",
        ),
        (
            "perfect information loses the base",
            "gains[:, fold].max(axis=0) - gains[base, fold]",
            "gains[:, fold].max(axis=0)",
        ),
    ),
    *_of(
        "forecast/scoring.py",
        ("test_forecast_scores.py",),
        ("CRPS ranks off by a half", "np.arange(1, draws.size + 1) - 0.5", "np.arange(1, draws.size + 1)"),
        ("CRPS of single draws", "2.0 * np.mean(weights", "np.mean(weights"),
        (
            "fair CRPS",
            "np.abs(draws - outcome)) / draws.size)",
            "np.abs(draws - outcome)) / (draws.size - 1))",
        ),
        ("WIS divides by K + 1", "/ (half + 0.5))", "/ (half + 1))"),
        ("WIS takes the level for the width", "2.0 * tau[:half]", "tau[:half]"),
        (
            "WIS with the whole distance of the median",
            "abs(outcome - found[half]) / 2.0",
            "abs(outcome - found[half])",
        ),
        (
            "pinball turned round",
            "tau * (outcome - found), (1.0 - tau) * (found - outcome)",
            "(1.0 - tau) * (outcome - found), tau * (found - outcome)",
        ),
        ("quantile score without its two", "return float(2.0 * pinball", "return float(pinball"),
        (
            "PIT counts the outcome",
            "Pit(float((draws < outcome).mean())",
            "Pit(float((draws <= outcome).mean())",
        ),
        ("Brier not squared", "(probability - float(happened)) ** 2", "abs(probability - float(happened))"),
        ("log score without the root", "width * math.sqrt(2.0 * math.pi)", "width * 2.0 * math.pi"),
        (
            "log score with the wrong sign",
            "math.sqrt(2.0 * math.pi)) - total",
            "math.sqrt(2.0 * math.pi)) + total",
        ),
        ("another rule of thumb", "draws.size**-0.2", "draws.size**-0.25"),
        ("skill turned round", "mine.mean() / other.mean()) if", "other.mean() / mine.mean()) if"),
    ),
    *_of(
        "forecast/scores.py",
        ("test_forecast_scores.py", "test_forecast_choice.py"),
        ("cells counted from 0", "place * count + 1 - _CELL_EDGE", "place * count - _CELL_EDGE"),
        (
            "log score of a cell, not of a density",
            "scale = posted.question.outcomes if inside else 1",
            "scale = 1",
        ),
        ("base 2", "50.0 * math.log(share / even)", "50.0 * math.log2(share / even)"),
        (
            "probability of the wrong answer",
            "came = share if happened else 1.0 - share",
            "came = 1.0 - share if happened else share",
        ),
    ),
)
