"""What each command takes."""

import argparse

__all__ = [
    "OUTPUTS_FOLDER",
    "check_arguments",
    "compare_arguments",
    "explain_arguments",
    "explore_arguments",
    "export_arguments",
    "fit_arguments",
    "init_arguments",
    "log_arguments",
    "no_arguments",
    "report_arguments",
    "run_arguments",
    "score_arguments",
    "show_arguments",
    "verify_arguments",
]

OUTPUTS_FOLDER = "outputs"


def init_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file to write."""
    parser.add_argument("file", nargs="?", default="study.yaml", metavar="FILE")


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a study and what to show of it."""
    parser.add_argument("study", metavar="STUDY")
    _add_changes(parser)
    parser.add_argument("--draw", metavar="R:P", help="show one draw instead: its replicate and point")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run_arguments(parser: argparse.ArgumentParser) -> None:
    """Take studies and how to run them."""
    parser.add_argument("study", nargs="+", metavar="STUDY")
    _add_changes(parser)
    parser.add_argument("--draws", metavar="N", help="draws over all replicates")
    parser.add_argument("--seed", metavar="N", help="seed of all randomness")
    parser.add_argument("--jobs", type=int, metavar="N", help="workers; all cores if absent")
    parser.add_argument(
        "--backend", default="threading", metavar="B", help="threading, loky, sequential, dask or ray"
    )
    parser.add_argument("--address", metavar="A", help="of a running dask or ray cluster")
    parser.add_argument(
        "--target-se",
        action="append",
        default=[],
        metavar="SE",
        help="double the draws until the mean incentive has this standard error, USD; or FIGURE=SE, such as "
        "open_effect.p_positive=0.001 or incentive.mean=1%%; repeatable",
    )
    parser.add_argument(
        "--out", default=OUTPUTS_FOLDER, metavar="DIR", help="folder of all outputs (outputs)"
    )
    parser.add_argument("--no-report", action="store_true", help="tables only: no figures, no report")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument(
        "--json", action="store_true", help="print the summary as JSON; a list for many studies"
    )


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a finished run."""
    parser.add_argument("run", metavar="RUN", help="its folder, such as outputs/baseline/latest")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def compare_arguments(parser: argparse.ArgumentParser) -> None:
    """Take finished runs."""
    parser.add_argument("run", nargs="+", metavar="RUN", help="its folder, such as outputs/baseline")
    parser.add_argument("--out", metavar="DIR", help="folder of table and figure (outputs/compare/...)")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""


def explain_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a key."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="such as customers.valuation_spread")


def _add_changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        dest="changes",
        help="change a value of the study, as in inputs.day=30; repeatable",
    )


def verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a finished run and how closely to look at it."""
    parser.add_argument("run", metavar="RUN", help="its folder, such as outputs/baseline/latest")
    parser.add_argument("--quick", action="store_true", help="look at hashes and a sample of the draws only")
    parser.add_argument("--jobs", type=int, metavar="N", help="workers; all cores if absent")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a finished run and the form of an attachment, or a file to check."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="its folder, such as outputs/baseline/latest")
    parser.add_argument(
        "--format",
        dest="form",
        metavar="F",
        help="metaculus, hubverse, squiggle, csv, json, markdown, card, bundle",
    )
    parser.add_argument("--output", metavar="NAME", help="output, quantity or input; else what is declared")
    parser.add_argument("--scenario", metavar="S", help="whose draws (base)")
    parser.add_argument(
        "--ask",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a key of the question as under forecast in a study, such as range=[0,730]; repeatable",
    )
    parser.add_argument("--out", metavar="DIR", help="where to write (RUN/forecast)")
    parser.add_argument(
        "--check", metavar="FILE", help="check a Metaculus file, or a hub's folder or file, against the rules"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def score_arguments(parser: argparse.ArgumentParser) -> None:
    """Take finished runs and what came of their variables."""
    parser.add_argument("run", nargs="+", metavar="RUN", help="its folder, such as outputs/baseline/latest")
    parser.add_argument(
        "--outcome",
        action="append",
        default=[],
        required=True,
        metavar="NAME=VALUE",
        help="output, quantity or input and what came of it; .inf for never; repeatable",
    )
    parser.add_argument("--baseline", metavar="RUN", help="run against which skill is told")
    parser.add_argument("--ledger", metavar="FILE", default=f"{OUTPUTS_FOLDER}/ledger.parquet")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")


def log_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a study's name, file or folder of runs."""
    parser.add_argument("study", metavar="STUDY", help="its file, its name, or its folder of runs")
    parser.add_argument("--out", default=OUTPUTS_FOLDER, metavar="DIR", help="folder of all outputs")


def report_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a finished run."""
    parser.add_argument("run", metavar="RUN", help="its folder, such as outputs/baseline/latest")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def explore_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a study and where to show it."""
    parser.add_argument("study", metavar="STUDY")
    _add_changes(parser)
    parser.add_argument("--draws", type=int, metavar="N", help="draws over all replicates (16384)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on this machine (a free one)")
    parser.add_argument("--out", metavar="DIR", help="folder of what is saved (that of the study)")
    parser.add_argument("--no-browser", action="store_true", help="print the page's address only")


def fit_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a data file and what to make of it."""
    parser.add_argument("data", metavar="DATA", help="a CSV or Parquet file")
    parser.add_argument("--column", metavar="C", help="of numbers: propose a law for it")
    parser.add_argument("--weights", metavar="C", help="column of their weights")
    for name in ("name", "unit", "label", "source"):
        parser.add_argument(f"--{name}", metavar="TEXT", default=None, help=f"{name} of the input")
    parser.add_argument("--releases", action="store_true", help="the file is a table of model releases")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="WHAT=COLUMN",
        help="column that says name, date, open, level, developer, or within (inside whose values levels "
        "compare); repeatable",
    )
    parser.add_argument(
        "--lab", action="append", default=[], help="whose own records open models are to pass; repeatable"
    )
    parser.add_argument("--level-scale", choices=("points", "log", "linear"), help="how levels count")
    parser.add_argument("--points-per-tenfold", type=float, metavar="P", help="of a tenfold effective level")
    parser.add_argument(
        "--closed", action="append", default=[], metavar="LAB", help="closed where not said; repeatable"
    )
    parser.add_argument("--since", metavar="DATE", help="count records from this day on")
    parser.add_argument("--until", metavar="DATE", help="the table is complete up to it (its last release)")
    parser.add_argument("--out", metavar="DIR", help="where to write (outputs/fit/...)")
    parser.add_argument("--force", action="store_true", help="write over inputs.yaml of other content")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
