"""The house: imports go down, a plain import is light, code is formatted, linted and typed."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mcrace.nomenclature import KEYS, OUTPUTS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mcrace"

FLOORS = {
    "errors": 0,
    "nomenclature": 0,
    "compiling": 0,
    "laws": 1,
    "model": 1,
    "sampling": 2,
    "study": 3,
    "engine": 4,
    "analysis": 5,
    "figures": 6,
    "forecast": 6,
    "report": 7,
    "fit": 7,
    "explore": 8,
    "cli": 9,
}
ROOMS = {"terminal": "cli", "__main__": "cli"}
PLOTTING = {"matplotlib", "seaborn"}
HEAVY = {"numpy", "scipy", "pandas", "numba", "matplotlib", "seaborn", "pydantic", "pyarrow", "jinja2"}


def room_of(path: Path) -> str:
    return ROOMS.get(name := path.relative_to(PACKAGE).parts[0].removesuffix(".py"), name)


def modules_of_mcrace():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def imported(path: Path):
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the floor"
            yield node.module
            if node.module == "mcrace":
                yield from (f"mcrace.{alias.name}" for alias in node.names)


def test_every_room_has_a_floor():
    assert {room_of(path) for path in modules_of_mcrace()} <= set(FLOORS)


@pytest.mark.parametrize("path", modules_of_mcrace(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path):
    room = room_of(path)
    for module in imported(path):
        if module.startswith("mcrace."):
            other = ROOMS.get(module.split(".")[1], module.split(".")[1])
            if other in FLOORS:
                assert other == room or FLOORS[other] < FLOORS[room], f"{path} imports {module}"


@pytest.mark.parametrize("path", modules_of_mcrace(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_figures_and_report_know_plotting(path):
    tops = {module.split(".")[0] for module in imported(path) if module}
    assert not tops & PLOTTING or room_of(path) == "figures"


@pytest.mark.parametrize("path", modules_of_mcrace(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_are_short_and_nothing_is_executed(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    called = {
        node.func.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}
    assert "pickle" not in {module.split(".")[0] for module in imported(path) if module}


def test_functions_are_short():
    for path in modules_of_mcrace():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                first = node.body[0]
                has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                start = node.body[1].lineno if has_docstring and len(node.body) > 1 else first.lineno
                assert node.end_lineno - start < 40, f"{path}:{node.lineno} {node.name}"


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sys.modules))"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in output.stdout.split()}


def test_a_plain_import_is_light():
    assert not loaded_after("import mcrace") & HEAVY


def test_the_command_line_starts_light():
    assert not loaded_after("import mcrace.cli as c; c._parser()") & HEAVY


def test_checking_a_study_loads_neither_compiler_nor_plotting():
    code = f"from mcrace.cli import main; main(['check', {str(ROOT / 'configs' / 'baseline.yaml')!r}])"
    assert not loaded_after(code) & {"numba", "matplotlib", "seaborn", "pandas"}


def test_every_key_is_used_by_the_formula():
    files = sorted((PACKAGE / "model").glob("*.py"))
    model = "\n".join(path.read_text(encoding="utf-8") for path in files)
    lists = {
        "open_releases_day": "release_day",
        "open_releases_expense": "release_expense",
        "open_process_interval_days": "process_interval",
        "open_process_growth": "process_growth",
        "market_rivals_expense": "rival_expense",
        "market_rivals_release_day": "rival_release_day",
        "market_rivals_head_start": "rival_head_start",
        "niches_list_share": "niche_share",
        "niches_list_lab_aptitude": "niche_lab_aptitude",
        "niches_list_open_aptitude": "niche_open_aptitude",
        "niches_list_rival_aptitude": "niche_rival_aptitude",
        "value_points": "point_level",
    }
    for key in KEYS.values():
        name = f".{lists[key.field]}" if key.field in lists else f"m.{key.field}"
        # What is certain is the length of a list, and no number of the formula.
        used = f'"{key.path}"' in model if key.certain else re.search(rf"\b{re.escape(name)}\b", model)
        assert bool(used) != (key.kind == "text"), f"{key.path} changes nothing, or is no mere text"
    for name in OUTPUTS:
        assert f"out.{name} = " in model


def test_every_key_and_output_teaches():
    for key in KEYS.values():
        assert key.meaning.endswith(".")
        assert key.formula
        assert key.source
    assert len({key.field for key in KEYS.values()}) == len(KEYS)
    for output in OUTPUTS.values():
        assert output.meaning.endswith(".")
        assert output.unit
        assert output.formula


def test_dependencies_have_lower_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [item for group in project["optional-dependencies"].values() for item in group]
    for requirement in (*project["dependencies"], *extras):
        assert ">=" in requirement, requirement


def test_readme_and_ci_use_the_same_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    for command in commands:
        assert command in readme


@pytest.mark.parametrize(
    "command",
    [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]],
    ids=["format", "lint", "types"],
)
def test_tools_are_content(command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
