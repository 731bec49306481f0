"""The JSON Schema of files that extend others."""

from pathlib import Path

import jsonschema
import pytest

from mcrace.study import study_schema
from mcrace.study.document import read_document, read_text


def test_the_schema_knows_the_key() -> None:
    assert study_schema()["$defs"]["Study"]["properties"]["extends"]["type"] == "string"


GALLERY = sorted((Path(__file__).parents[1] / "configs" / "arguments").glob("*.yaml"))


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_the_schema_takes_overlays(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(study_schema())
    assert [error.message for error in validator.iter_errors(read_document(path).value)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        "model: {horizon: 3}",
        "model: {open: {releases: [{day: 3}]}}",
        "inputs: {a: {lawn: 3}}",
        "sampling: {draws: x}",
    ],
)
def test_the_schema_refuses_wrong_overlays(wrong: str) -> None:
    validator = jsonschema.Draft202012Validator(study_schema())
    assert not validator.is_valid(read_text("extends: a.yaml\nstudy: child\n" + wrong).value)
