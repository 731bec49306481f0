"""Shape of a study file: pydantic models made from the nomenclature."""

from functools import cache, partial
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    WithJsonSchema,
    create_model,
)

from mcrace.nomenclature import KEYS, OFF, OPTIONAL_SECTIONS, Key, always_needed, children
from mcrace.sampling.rank_correlation import LEAST_DEGREES, MOST_DEGREES
from mcrace.study.analysis import analysis_section
from mcrace.study.correlations import COPULAS, AskedCorrelations, asked_correlations
from mcrace.study.dates import as_of_date
from mcrace.study.evidence import evidence_link
from mcrace.study.extending import refuse_extending
from mcrace.study.fields import (
    NAME,
    SLUG,
    annotated_input,
    annotated_quantity,
    input_law,
    input_name,
    reporting,
    slug,
    text,
    whole_field,
)
from mcrace.study.forecast import FORECAST_SCHEMA
from mcrace.study.parts import Sampling
from mcrace.study.precision import PRECISION_SCHEMA, precision_of
from mcrace.study.quantities import quantity_expression
from mcrace.study.structure import SECTIONS, uncertain_section
from mcrace.study.terms import parse_term

__all__ = ["study_file"]

# Each part is built as part of the whole, once, and not for itself before.
_FORBID = ConfigDict(extra="forbid", frozen=True, defer_build=True)

# Pydantic may only refer to models that it knows: these comments become references afterwards.
_NUMBER = {"$comment": "Number"}
_LAW = {"$comment": "Law"}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_NUMBER_OR_EACH = {"$comment": "NumberOrEach"}

_Text = Annotated[str, PlainValidator(reporting(text)), WithJsonSchema({"type": ["string", "number"]})]
_Link = Annotated[str, PlainValidator(reporting(evidence_link)), WithJsonSchema({"type": "string"})]
_Slug = Annotated[
    str,
    PlainValidator(reporting(slug)),
    WithJsonSchema({"type": "string", "pattern": f"^{SLUG.pattern}$"}),
]
_Name = Annotated[
    str,
    PlainValidator(reporting(input_name)),
    WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"}),
]
_Extends = Annotated[str, PlainValidator(reporting(refuse_extending)), WithJsonSchema({"type": "string"})]
_Expression = Annotated[
    Any, PlainValidator(reporting(quantity_expression)), WithJsonSchema({"$comment": "Expression"})
]
_Forecast = Annotated[Any, WithJsonSchema(FORECAST_SCHEMA)]
_AsOf = Annotated[Any, PlainValidator(reporting(as_of_date)), WithJsonSchema(_DATE)]
_PAIRS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [
            {"type": "string"},
            {"type": "string"},
            {"type": "number", "minimum": -1, "maximum": 1},
        ],
        "items": False,
        "minItems": 3,
    },
}
_Correlations = Annotated[
    AskedCorrelations,
    PlainValidator(reporting(asked_correlations)),
    WithJsonSchema(
        {
            "anyOf": [
                _PAIRS,
                {
                    "type": "object",
                    "properties": {
                        "copula": {"enum": list(COPULAS)},
                        "degrees_of_freedom": {
                            "type": "number",
                            "minimum": LEAST_DEGREES,
                            "maximum": MOST_DEGREES,
                        },
                        "pairs": _PAIRS,
                        "nearest": {"type": "boolean"},
                    },
                    "required": ["pairs"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
_LawOrNumber = Annotated[
    Any, PlainValidator(reporting(input_law)), WithJsonSchema({"anyOf": [{"type": "number"}, _DATE, _LAW]})
]

_PointNumber = Annotated[
    Any,
    PlainValidator(
        reporting(partial(parse_term, key=Key(path="value.points[][]", meaning="", formula="", source="")))
    ),
    WithJsonSchema(_NUMBER),
]


_GRID: dict[str, Any] = {
    "type": "object",
    "propertyNames": {"pattern": r"^(inputs|model)\."},
    "additionalProperties": {"type": "array", "minItems": 1},
}
_Quantiles: Any = Literal["interpolated", "exact"]
_Method: Any = Literal["sobol", "random", "latin_hypercube"]


class _InputFile(BaseModel):
    """One entry of ``inputs``."""

    model_config = _FORBID | {"title": "Input"}

    law: _LawOrNumber = Field(description="What is known of the quantity: a law or a plain number.")
    unit: _Text = Field("", description="Unit, in words.")
    label: _Text = Field("", description="Name for figures and tables.")
    source: _Text = Field("", description="Where the law comes from.")
    evidence: _Link = Field("", description="Page that defends it: a path seen from the study's folder.")


class _QuantityFile(BaseModel):
    """One entry of ``quantities``."""

    model_config = _FORBID | {"title": "Quantity"}

    expression: _Expression = Field(description="What it is: an expression over inputs and outputs.")
    unit: _Text = Field("", description="Unit, in words.")
    label: _Text = Field("", description="Name for figures and tables.")


def _sampling() -> type[BaseModel]:
    draws = "Draws over all replicates; with Sobol' points rounded up to replicates times a power of two."
    replicates = "Independent randomizations; all standard errors come from their scatter."
    return create_model(
        "Sampling",
        __config__=_FORBID,
        draws=(whole_field(1, 10**12), Field(131_072, description=draws)),
        method=(
            _Method,
            Field("sobol", description="Design of the unit cube."),
        ),
        replicates=(whole_field(2, 4_096), Field(16, description=replicates)),
        seed=(whole_field(0), Field(0, description="Seed of all randomness.")),
        keep=(
            whole_field(1, 10**7),
            Field(16_384, description="Draws a scenario kept in draws.parquet, at most."),
        ),
        precision=(
            Annotated[Any, PlainValidator(precision_of), WithJsonSchema(PRECISION_SCHEMA)],
            Field((), description="Standard errors up to which the draws are doubled."),
        ),
        quantiles=(
            _Quantiles,
            Field("interpolated", description="Those of draws too many to hold; exact takes a second pass."),
        ),
        most_draws=(
            whole_field(1, 10**12),
            Field(Sampling().most_draws, description="Draws at which the doubling ends in any case."),
        ),
    )


@cache
def study_file() -> type[BaseModel]:
    """Make the pydantic model of a study file, once.

    Returns
    -------
    type of BaseModel
        Refuses unknown keys; its numbers come out as `Term`.
    """
    scenarios = "What-ifs on the same draws: name to {path: new value}."
    sampling, analysis = _sampling(), analysis_section()
    return create_model(
        "Study",
        __config__=_FORBID,
        study=(_Slug, Field(description="Slug that names the output folder.")),
        title=(_Text, Field("", description="Title of the report.")),
        question=(_Text, Field("", description="The question that the study answers.")),
        extends=(_Extends, Field(None, description="Study file of which this one says only what differs.")),
        as_of=(_AsOf, Field(None, description="Date of day 0: dates may then stand for days.")),
        inputs=(
            dict[_Name, Annotated[_InputFile, BeforeValidator(annotated_input)]],
            Field(default_factory=dict, description="The uncertain quantities, by name."),
        ),
        correlations=(
            _Correlations,
            Field(
                default_factory=AskedCorrelations,
                description="Spearman rank correlations of pairs of inputs, joined by a copula.",
            ),
        ),
        model=(_section(""), Field(description="The model's numbers: plain, laws, or expressions.")),
        quantities=(
            dict[_Name, Annotated[_QuantityFile, BeforeValidator(annotated_quantity)]],
            Field(default_factory=dict, description="Named results of your own, reported like any output."),
        ),
        scenarios=(
            dict[_Slug, dict[str, Any]],
            Field(default_factory=dict, description=scenarios),
        ),
        grid=(
            Annotated[Any, WithJsonSchema(_GRID)],
            Field(None, description="More scenarios: every combination of these values."),
        ),
        sampling=(sampling, Field(default_factory=sampling, description="How the unit cube is sampled.")),
        analysis=(analysis, Field(default_factory=analysis, description="What else to find out.")),
        forecast=(_Forecast, Field(None, description="Questions of platforms that it answers.")),
    )


def _section(path: str) -> type[BaseModel]:
    """Make the model of a section from the keys below it."""
    fields: dict[str, Any] = {}
    for name, below in children(path).items():
        if below in KEYS:
            fields[name] = _key_field(KEYS[below])
        elif below.endswith("[]"):
            fields[name] = (list[_section(below)], Field(default_factory=list))  # type: ignore[misc]
        else:
            kind = uncertain_section(_section(below)) if below in SECTIONS else _section(below)
            # None is only what stands for no section: none may be given.
            fields[name] = (kind, Field(None if _may_be_absent(below) else ...))
    title = "".join(part.capitalize() for part in path.replace("[]", " item").replace(".", " ").split())
    return create_model(title or "Model", __config__=_FORBID | _one_of_two(path), **fields)


def _may_be_absent(section: str) -> bool:
    """Whether all that a section needs is there without it, the defaults of its choices chosen."""
    if section in OPTIONAL_SECTIONS:
        return True
    for below in children(section).values():
        key = KEYS.get(below)
        if key is None and not below.endswith("[]") and not _may_be_absent(below):
            return False
        if key is not None and (always_needed(key) or key.instead_of):
            return False
        if key is not None and key.needed_by and KEYS[key.chooser].default in key.needed_by:
            return False
    return True


def _one_of_two(section: str) -> ConfigDict:
    """Tell editors of two keys of which exactly one is given."""
    keys = [KEYS[below] for below in children(section).values() if below in KEYS]
    either: list[Any] = [{"required": [key.path.rpartition(".")[2]]} for key in keys if key.instead_of]
    return ConfigDict(json_schema_extra={"oneOf": either}) if either else ConfigDict()


def _key_field(key: Key) -> Any:  # noqa: ANN401 - a type and a field
    unit = f" Unit: {key.unit}." if key.unit else ""
    description = f"{key.meaning}{unit} Range: {key.range_text}."
    schema: dict[str, Any] = _NUMBER_OR_EACH if key.each else _NUMBER
    if key.certain:
        schema = {"type": "integer", "minimum": int(key.low)}
    kind: Any = Annotated[
        Any, PlainValidator(reporting(partial(parse_term, key=key))), WithJsonSchema(schema)
    ]
    if key.kind == "choice":
        kind = Literal[key.choices]
    elif key.kind == "flag":
        kind = StrictBool
    elif key.kind == "points":
        pair = Annotated[list[_PointNumber], Field(min_length=2, max_length=2)]
        kind = Annotated[list[pair], Field(min_length=2)]
    elif key.kind == "text":
        kind = _Text
    default = None if key.default == OFF else key.default
    return (kind, Field(... if always_needed(key) else default, description=description))
