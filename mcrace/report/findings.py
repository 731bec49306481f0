"""What the analyses of a run found, in sentences and tables for its page."""

from typing import TYPE_CHECKING

from mcrace.analysis.analyses import Analyses, input_labels
from mcrace.figures.wording import clean_text
from mcrace.report.finding import Finding, Teller
from mcrace.report.found_choices import candidate_found, release_map_found
from mcrace.report.found_drivers import drivers_found, worth_found
from mcrace.report.found_limits import flips_found, regions_found, thresholds_found

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["findings"]


def findings(result: "Result", found: Analyses) -> tuple[Finding, ...]:
    """Say what the analyses of a run found.

    Parameters
    ----------
    result : Result
        A finished run.
    found : Analyses
        Of the same run.

    Returns
    -------
    tuple of Finding
        What a reader asks first comes first; what was not made is left out.
    """
    labels = {name: clean_text(label) for name, label in input_labels(result.study).items()}
    teller = Teller(study=result.study, labels=labels)
    makers = (
        drivers_found,
        flips_found,
        thresholds_found,
        worth_found,
        regions_found,
        candidate_found,
        release_map_found,
    )
    return tuple(finding for maker in makers for finding in maker(found, teller))
