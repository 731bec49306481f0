"""The report: one page that needs nothing but itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mcrace.figures.estimates import total_draws
from mcrace.figures.parts import article
from mcrace.figures.telling import IN_A_TABLE, left_out_words, telling_scenarios
from mcrace.figures.theme import output_of
from mcrace.figures.wording import clean_text, counted
from mcrace.report.answer import answer, error_note, is_exact
from mcrace.report.drawing import drawing_of
from mcrace.report.embedded import MOST_LETTERS, embedded_draws
from mcrace.report.findings import findings
from mcrace.report.mechanisms import utility_note
from mcrace.report.page_tables import (
    contrast_tables,
    input_table,
    mechanism_table,
    outputs_table,
    part_words,
    parts_table,
    plain_value,
    sign_table,
    silent_outputs,
    summary_tables,
)
from mcrace.report.script import page_script
from mcrace.report.template import rendered

if TYPE_CHECKING:
    from markupsafe import Markup

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result
    from mcrace.figures import FigureFile

__all__ = ["build_report"]

_PAGE_LETTERS, _LEAST_LETTERS = 2_500_000, 150_000
"""Letters of figures and draws together, so that a page stays below 3 MB; the draws keep the least."""

_DESIGNS = {
    "sobol": "scrambled Sobol' points, which fill the space of the inputs evenly",
    "random": "independent random points",
    "latin_hypercube": "Latin hypercube points",
}

_NEVER_MODELLED = (
    "what it costs to serve customers",
    "price wars over time",
    "cash reserves and debt",
    "the open lab's own motives (its releases are inputs)",
    "strategic replies of other labs in training",
)


def build_report(result: "Result", figures: "Sequence[FigureFile]", found: "Analyses | None" = None) -> str:
    """Write the page of a run.

    Parameters
    ----------
    result : Result
        A finished run.
    figures : sequence of FigureFile
        As `mcrace.figures.save_figures` and `save_analysis_figures` return them.
    found : Analyses, optional
        Of the same run.

    Returns
    -------
    str
        A whole HTML document: style, drawings, some thousand draws and one script of its own inside; the
        page allows no other script by its hash, and nothing is loaded from elsewhere. Without the script
        all is there but sorting and questions to the draws. The same result gives the same text.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> page = build_report(result, [])
    >>> page[:15], page.count("<script>"), "http" in page.replace("http-equiv", "")
    ('<!DOCTYPE html>', 1, False)
    """
    import mcrace

    study = result.study
    values = dict(
        **_pictures(result, figures, found),
        draws=_embedded(result, figures),
        script=page_script("page_draws.js", "page_ask.js"),
        title=clean_text(study.title) or clean_text(study.name),
        question=clean_text(study.question),
        name=clean_text(study.name),
        answer=[_unbroken(sentence) for sentence in answer(result)],
        error_note=error_note(result),
        utility_note=utility_note(study),
        run_notes=[clean_text(note) for note in result.facts.notes],
        summaries=summary_tables(result),
        signs=sign_table(result),
        contrasts=contrast_tables(result),
        parts=parts_table(result),
        parts_words=_parts_words(result),
        outputs=outputs_table(result),
        silent=_silent(result),
        inputs=input_table(result),
        scenarios=_scenarios_in_words(result),
        more_scenarios=left_out_words(result, IN_A_TABLE, "study.yaml"),
        method=_method(result),
        mechanisms=mechanism_table(study),
        not_modelled=_not_modelled(),
        digest=result.digest,
        seed=study.sampling.seed,
        version=mcrace.__version__,
    )
    return rendered("page.html", values)


def _embedded(result: "Result", figures: "Sequence[FigureFile]") -> "Markup":
    """Write the draws of the page, fewer where its figures leave less room; empty if there are none."""
    from markupsafe import Markup

    room = _PAGE_LETTERS - sum(len(file.svg) for file in figures)
    draws = embedded_draws(result, min(max(room, _LEAST_LETTERS), MOST_LETTERS))
    # Within a script element only these could end it, or start a comment.
    for letter in "<>&":
        draws = draws.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(draws)  # noqa: S704 - escaped above


def _pictures(result: "Result", figures: "Sequence[FigureFile]", found: "Analyses | None") -> dict[str, Any]:
    """Put each figure with the finding that it shows; those of none stand by themselves."""
    told = () if found is None else findings(result, found)
    placed = {name for finding in told for name in finding.figures}
    drawings = {file.name: drawing_of(file) for file in figures}
    return {
        "figures": [drawing for name, drawing in drawings.items() if name not in placed],
        "findings": [
            (finding, [drawings[name] for name in finding.figures if name in drawings]) for finding in told
        ],
        "not_done": [] if found is None else [clean_text(note) for note in found.notes],
    }


def _unbroken(text: str) -> str:
    """Keep a number, its error and its percent sign on one line."""
    return text.replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}").replace(" %", "\N{NO-BREAK SPACE}%")


def _scenarios_in_words(result: "Result") -> list[tuple[str, list[tuple[str, str]]]]:
    shown = telling_scenarios(result, IN_A_TABLE)
    return [
        (
            clean_text(scenario.name),
            [(clean_text(str(path)), plain_value(value)) for path, value in scenario.changes.items()],
        )
        for scenario in result.study.scenarios[1:]
        if scenario.name in shown
    ]


def _method(result: "Result") -> str:
    if is_exact(result):
        return "No input is uncertain, so the model was computed once a scenario; there is no sampling error."
    statistics, sampling = result.statistics, result.study.sampling
    design = _DESIGNS.get(sampling.method, clean_text(sampling.method))
    return (
        f"Each scenario was computed on the same {counted(total_draws(result), 'draw')} of the inputs: "
        f"{counted(statistics.replicates, 'independent replicate')} of {counted(statistics.points, 'draw')}, "
        f"each a fresh randomization of {design}. An estimate is the mean over the replicates, and its "
        "standard error comes from their scatter. The 95 % interval uses Student's t with "
        f"{counted(statistics.replicates - 1, 'degree')} of freedom. A difference between scenarios is taken "
        "replicate by replicate, so that what the two share drops out. These errors tell how well the draws "
        "resolve the study's own assumptions; they say nothing about whether the assumptions are right."
    )


def _not_modelled() -> str:
    return f"{', '.join(_NEVER_MODELLED[:-1])}, and {_NEVER_MODELLED[-1]}"


def _parts_words(result: "Result") -> str:
    """Say what a table of one part, or of none, need not show."""
    words = part_words(result)
    if not words:
        return "They change nothing, in any scenario."
    named = f"{article(words[0])}{words[0]}"
    return f"{named[0].upper()}{named[1:]} alone carries what they do to it, in every scenario."


def _silent(result: "Result") -> str:
    """Name the outputs that are 0 throughout, in one line."""
    labels = [output_of(name, result.study).label for name in silent_outputs(result)]
    return "; ".join(f"{label[0].lower()}{label[1:]}" for label in labels)
