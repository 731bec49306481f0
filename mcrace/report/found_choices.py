"""Which model to train, and what the next release would do."""

from collections.abc import Iterator

from mcrace.analysis.analyses import Analyses
from mcrace.figures.wording import percent, rounded
from mcrace.report.finding import Finding, Teller, half_width

_BEYOND = " (at an end of the range: a better one may lie beyond)"

__all__ = ["candidate_found", "release_map_found"]


def candidate_found(found: Analyses, teller: Teller) -> Iterator[Finding]:  # noqa: ARG001 - as its likes
    """Say which z is best, with open releases and without.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    curve = found.candidate
    if curve is None:
        return
    best = curve.best
    texts = [
        f"{rounded(float(best.multiple.value[world]), half_width(best.multiple, (world,)))} times "
        f"the study’s own z{_BEYOND if best.edge[world] else ''}"
        for world in range(2)
    ]
    shift = float(best.shift.value)
    half = half_width(best.shift)
    way = "smaller" if shift < 0 else "larger"
    moved = f"open releases make the best z {percent(abs(shift), half)} {way}"
    if not abs(shift) > half:
        moved = "these draws do not resolve that open releases move it"
    yield Finding(
        name="candidate",
        heading="Which model to train",
        sentences=(
            f"The mean incentive is largest at {texts[0]}; with the best open model as it is today for ever, "
            f"at {texts[1]}: {moved}.",
        ),
        figures=("candidate",),
    )


def release_map_found(found: Analyses, teller: Teller) -> Iterator[Finding]:  # noqa: ARG001 - as its likes
    """Say in how much of the map a release raises or lowers the incentive.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    cells = found.release_map
    if cells is None:
        return
    low, high = cells.mean.interval()
    signs = [
        ("raises", float((low[1] > 0).mean())),
        ("lowers", float((high[1] < 0).mean())),
    ]
    words = [
        f"{verb} the mean incentive in {share:.0%} of the cells".replace("%", " %") for verb, share in signs
    ]
    yield Finding(
        name="release-map",
        heading="Day and level of the next release",
        sentences=(
            f"On a grid of {len(cells.days)} days and {len(cells.levels)} levels in place of the study’s, "
            f"the release {' and '.join(words)}, beyond the error of 95 %.",
        ),
        figures=("release_map",),
    )
