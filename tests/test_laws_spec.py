"""What a study may say of a law, what can be wrong with it, and how it is described."""

import json
import math

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mcrace.errors import StudyError
from mcrace.laws import LAWS, build_law, describe, law_schema

INF = math.inf
BODY = np.array([0.001, 0.01, 0.05, 0.2, 0.5, 0.7, 0.95, 0.99, 0.999])
EXAMPLES = [(name, spec) for name, family in LAWS.items() for spec in family.examples]


def faults_of(name, spec, bounds=None):
    with pytest.raises(StudyError) as caught:
        build_law(name, spec, bounds)
    return caught.value.faults


# --- what can be wrong

WRONG = [
    ("lognrmal", {}, None, ["lognrmal"]),
    ("lognormal", 3, None, ["lognormal"]),
    ("lognormal", None, None, ["lognormal"]),
    ("lognormal", {}, None, ["lognormal"]),
    ("lognormal", {"median": 3}, None, ["lognormal"]),
    ("lognormal", {"median": 3, "mu": 1, "sigma": 1}, None, ["lognormal"]),
    ("lognormal", {"p05": 3}, None, ["lognormal"]),
    ("lognormal", {"p05": 3, "mean": -1}, None, ["lognormal", "lognormal.mean"]),
    ("lognormal", {"p05": 0, "p95": 3}, None, ["lognormal.p05"]),
    ("lognormal", {"p05": 5, "p95": 3}, None, ["lognormal.p95"]),
    ("lognormal", {"p05": 5, "p50": 5, "p95": 5}, None, ["lognormal.p50", "lognormal.p95"]),
    ("lognormal", {"p5": 1, "p100": 2, "p00": 3}, None, ["lognormal.p5", "lognormal.p100", "lognormal.p00"]),
    ("lognormal", {"medain": 3, "sigma": -1}, None, ["lognormal.medain", "lognormal.sigma"]),
    ("lognormal", {"mean": 0, "sd": 0}, None, ["lognormal.mean", "lognormal.sd"]),
    ("lognormal", {"mu": 1e9, "sigma": math.nan}, None, ["lognormal.mu", "lognormal.sigma"]),
    ("normal", [0, 1], None, ["normal"]),
    ("normal", {"mean": True, "sd": "1"}, None, ["normal.mean", "normal.sd"]),
    ("normal", {"mean": -(10**400), "sd": 10**400}, None, ["normal.mean", "normal.sd"]),
    ("uniform", [1], None, ["uniform"]),
    ("uniform", [2, 1], None, ["uniform.1"]),
    ("uniform", {"low": 2, "high": 2}, None, ["uniform.high"]),
    ("uniform", [None, []], None, ["uniform.0", "uniform.1"]),
    ("uniform", [-1e308, 1e308], None, ["uniform.1"]),
    ("loguniform", [0, 1], None, ["loguniform.0"]),
    ("loguniform", [1e-200, 1e200], None, ["loguniform.1"]),
    ("loguniform", {"p50": 1, "p51": 1e9}, None, ["loguniform"]),
    ("triangular", [0, 3, 2], None, ["triangular.1"]),
    ("triangular", {"p05": 1, "p95": 2}, None, ["triangular"]),
    ("pert", {"low": 0, "mode": 1, "high": 2, "shape": 0}, None, ["pert.shape"]),
    ("pert", {"mean": 0, "sd": 1}, None, ["pert.mean", "pert.sd"]),
    ("beta", {"mean": 0.5, "sd": 0.5}, None, ["beta.sd"]),
    ("beta", {"p05": 0.5, "p95": 1}, None, ["beta.p95"]),
    ("gamma", {"mean": 1, "sd": 1e-9}, None, ["gamma.sd"]),
    ("gamma", {"p05": 1, "p95": 1.00001}, None, ["gamma"]),
    ("weibull", {"mean": 1, "sd": 1e200}, None, ["weibull"]),
    ("discrete", {"values": []}, None, ["discrete.values"]),
    ("discrete", {"values": 3}, None, ["discrete.values"]),
    ("discrete", {"values": [1, "2", -INF]}, None, ["discrete.values.1", "discrete.values.2"]),
    ("discrete", {"values": [1, 2], "weights": [1]}, None, ["discrete.weights"]),
    ("discrete", {"values": [1, 2], "weights": [0, 0]}, None, ["discrete.weights"]),
    (
        "discrete",
        {"values": [1, 2], "weights": [-1, INF]},
        None,
        ["discrete.weights.0", "discrete.weights.1"],
    ),
    ("discrete", {"weights": [1]}, None, ["discrete"]),
    ("uniform", [0, 1], 3, ["bounds"]),
    ("uniform", [0, 1], [0, 1, 2], ["bounds"]),
    ("uniform", [0, 1], [1, 0], ["bounds"]),
    ("uniform", [0, 1], [1, 1], ["bounds"]),
    ("uniform", [0, 1], [INF, "x"], ["bounds.0", "bounds.1"]),
    ("uniform", [0, 1], [math.nan, -INF], ["bounds.0", "bounds.1"]),
    ("uniform", [0, 1], [2, 3], ["bounds"]),
    ("normal", {"mean": 0, "sd": 1}, [50, 60], ["bounds"]),
    ("uniform", [0, "1"], [3, 2], ["uniform.1", "bounds"]),
    ("unifrom", [0, 1], [3, 2], ["unifrom", "bounds"]),
]


@pytest.mark.parametrize(("name", "spec", "bounds", "paths"), WRONG)
def test_every_fault_is_found_where_it_stands(name, spec, bounds, paths):
    assert [fault.path for fault in faults_of(name, spec, bounds)] == paths


@pytest.mark.parametrize(
    ("name", "spec", "message"),
    [
        (
            "lognrmal",
            {},
            "found 'lognrmal', expected the name of a law: normal, lognormal, uniform, loguniform",
        ),
        ("lognormal", {"medain": 3, "sigma": 1}, "did you mean 'median'?"),
        (
            "lognormal",
            {"p5": 3, "p95": 4},
            "found 'p5', expected p and two digits, p01 to p99; did you mean 'p05'?",
        ),
        ("lognormal", {"sigma": -1, "median": 1}, "lognormal.sigma: found -1, expected a number above 0"),
        (
            "lognormal",
            {"p50": 1},
            "found only p50, expected median and sigma, or mu and sigma, or mean and sd, or two",
        ),
        ("lognormal", {"p50": 1, "mu": 1}, "found mu, p50 together"),
        (
            "normal",
            {"p05": 2, "p95": 1},
            "normal.p95: found 1, expected a number above 2, which stands at p05",
        ),
        (
            "triangular",
            {"p05": 1, "p95": 2},
            "found only p05, p95, expected low, mode and high, or three quantiles (p05, p50 and p95, say)",
        ),
        ("poisson", {"p05": 1, "p95": 2}, "found p05, p95, expected mean and nothing else"),
        ("beta", {"mean": 0.5, "sd": 0.6}, "beta.sd: found 0.6, expected a number below 0.5"),
        ("beta", {"p05": -1, "p95": 0.5}, "beta.p05: found -1, expected a number above 0 and below 1"),
        ("uniform", [3, 1], "uniform.1: found 1.0, expected a number above 3, the low end"),
        (
            "uniform",
            [3],
            "found [3], expected a list of 2 numbers (low, high), or a mapping with low and high",
        ),
        (
            "discrete",
            {"values": [1, math.nan]},
            "discrete.values.1: found nan, expected a number (or .inf, for never)",
        ),
    ],
)
def test_messages_say_what_would_be_right(name, spec, message):
    assert message in "\n".join(str(fault) for fault in faults_of(name, spec))


class Spiteful:
    """An object that fails whenever it is looked at."""

    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize("make", [Spiteful, lambda: [Spiteful()], lambda: {Spiteful(): 1}, lambda: 10**9999])
def test_things_that_cannot_be_shown_are_refused_in_few_words(make):
    thing = make()
    for name, spec, bounds in [("normal", thing, None), ("normal", {"mean": thing, "sd": 1}, [thing, thing])]:
        assert all(len(fault.found) <= 80 for fault in faults_of(name, spec, bounds))
    assert faults_of(thing, {})


SCALARS = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(),
    some.sampled_from([0, 1, -1, 0.5, 1e308, -1e308, 5e-324, 1e-300, INF, -INF, math.nan, 10**400]),
    some.sampled_from([np.float64(2), np.int64(3), np.bool_(True), 1 + 2j, object, b"1", {1, 2}]),
    some.text(max_size=4),
)
KEYS = some.one_of(
    some.sampled_from(
        ["mean", "sd", "p05", "p50", "p95", "p5", "low", "mode", "high", "shape", "scale", "median"]
    ),
    some.sampled_from(["sigma", "mu", "alpha", "beta", "values", "weights", 3, None, "", ()]),
    some.text(max_size=3),
)
NESTED = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
NUMBERS = some.floats(allow_nan=False) | some.sampled_from(
    [0, 1, 0.5, 2, 1e308, -1e308, 5e-324, 1e300, 10**20]
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(name=some.sampled_from([*LAWS, "norm", "", None, 3, []]), spec=NESTED, bounds=some.none() | NESTED)
def test_only_study_errors_come_out_of_odd_objects(name, spec, bounds):
    try:
        law = build_law(name, spec, bounds)
    except StudyError as error:
        told = error.faults
    else:
        told = ()
        assert describe(law)
    assert all(fault.found and fault.expected for fault in told)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(name=some.sampled_from(list(LAWS)), numbers=some.data())
def test_extreme_numbers_make_a_law_that_computes_or_a_study_error(name, numbers):
    ways = [form.names for form in LAWS[name].forms] + [("p05", "p95")]
    names = numbers.draw(some.sampled_from(ways))
    many = {parameter.name for parameter in LAWS[name].parameters if parameter.many}
    spec = {key: numbers.draw(some.lists(NUMBERS, max_size=3) if key in many else NUMBERS) for key in names}
    bounds = numbers.draw(some.none() | some.lists(NUMBERS, min_size=2, max_size=2))
    try:
        law = build_law(name, spec, bounds)
    except StudyError:
        return
    with np.errstate(over="ignore"):
        values = law.ppf(BODY)
    assert np.all(values[1:] >= values[:-1])
    assert describe(law)
    assert law.support[0] <= law.support[1]


# --- the schema, the text, the house


def test_schema_takes_every_example():
    schema = law_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    validator = jsonschema.Draft202012Validator(schema)
    for name, spec in EXAMPLES:
        validator.validate({name: spec})
        validator.validate({name: spec, "bounds": [1, 2]})
    validator.validate({"lognormal": {"p05": 1, "p50": 2, "p95": 4}, "bounds": [1, INF]})
    assert law_schema() is not schema
    described = [shape for law in schema["properties"].values() for shape in law.get("anyOf", [law])]
    assert all(shape["description"] for shape in described)


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        3,
        {"bounds": [0, 1]},
        {"lognrmal": {"mu": 0, "sigma": 1}},
        {"normal": {"mean": 0, "sd": 1}, "uniform": [0, 1]},
        {"normal": [0, 1]},
        {"normal": {"mean": 0, "sd": 0}},
        {"normal": {"mean": 0, "sd": True}},
        {"lognormal": {"median": 1, "mu": 0, "sigma": 1}},
        {"lognormal": {"p05": 1}},
        {"lognormal": {"p05": 1, "p5": 2}},
        {"lognormal": {"p00": 1, "p95": 2}},
        {"lognormal": {"p05": 0, "p95": 2}},
        {"lognormal": {"p05": 1, "mean": 2}},
        {"beta": {"mean": 1, "sd": 0.1}},
        {"triangular": {"p05": 0, "p95": 1}},
        {"triangular": [0, 1]},
        {"uniform": [0, 1, 2]},
        {"uniform": ["0", 1]},
        {"discrete": {"values": []}},
        {"discrete": {"values": [1], "weights": [-1]}},
        {"uniform": [0, 1], "bounds": [0]},
        {"uniform": [0, 1], "bounds": [0, 1, 2]},
    ],
)
def test_schema_refuses_what_the_builder_refuses(mapping):
    assert not jsonschema.Draft202012Validator(law_schema()).is_valid(mapping)


def test_description_is_short():
    assert (
        describe(build_law("lognormal", {"median": 158.1139, "sigma": 0.7}))
        == "lognormal(median=158.1, sigma=0.7)"
    )
    assert (
        describe(build_law("normal", {"mean": 0, "sd": 1}, [-INF, 2]))
        == "normal(mean=0, sd=1) within [-inf, 2]"
    )
    assert describe(build_law("pert", [0, 1, 2])) == "pert(low=0, mode=1, high=2, shape=4)"
    assert (
        describe(build_law("discrete", {"values": [1, INF]}))
        == "discrete(values=[1, inf], weights=[0.5, 0.5])"
    )
    assert "... 50 in all" in describe(build_law("discrete", {"values": list(range(50))}))
