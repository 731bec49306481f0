"""The draws that a page carries: which they are, and how they are written."""

import base64
import json

import numpy as np
import pytest

from mcrace import run
from mcrace.report.embedded import embedded_draws, packed
from mcrace.report.page import build_report
from tests.fake_result import base_result, fake_result, fake_study, typical_draws
from tests.small_study import small_study


def unpacked(text: str) -> np.ndarray:
    triples = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 3)
    return np.ascontiguousarray(np.pad(triples, ((0, 0), (0, 1)))).view(">f4").ravel().astype(float)


def test_packed_numbers_keep_five_digits_signs_zeros_and_ends() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=4000) * 10.0 ** random.uniform(-30, 30, 4000)
    assert np.allclose(unpacked(packed(values)), values, rtol=1.6e-5, atol=0)
    odd = np.array([0.0, -0.0, np.inf, -np.inf, 1e300, -1e300, 1e-300, -1e-300, 3.4028e38, 2.0**-140])
    back = unpacked(packed(odd))
    assert (np.sign(back) == np.sign(odd)).all()
    assert (np.isinf(back) == np.isinf(odd)).all()
    assert not np.signbit(back[:2]).any()


def test_the_page_holds_the_first_points_of_each_replicate() -> None:
    result = run(small_study(sampling={"draws": 4 * 640, "replicates": 4, "method": "random", "keep": 1200}))
    told = json.loads(embedded_draws(result))
    assert (told["replicates"], told["points"], told["total"]) == (4, 256, 2560)
    assert told["student"] == pytest.approx(3.18244630528)
    for scenario in told["scenarios"]:
        rows = result.draws[result.draws["scenario"] == scenario["name"]]
        rows = rows[rows["draw"] % 640 < 256]
        for kind in ("inputs", "outputs"):
            for item, place in zip(told[kind], scenario[kind], strict=True):
                held = unpacked(told["columns"][place])
                wanted = rows[item["name"]].to_numpy()
                assert np.allclose(held, wanted, rtol=1.6e-5)
                assert held.size in (1, wanted.size)
    assert len(told["columns"]) == len(set(told["columns"]))


def test_the_draws_of_a_page_are_bounded() -> None:
    names = ("base", *(f"s{place}" for place in range(49)))
    result = fake_result(typical_draws(names, 4096))
    full, less, least = (embedded_draws(result, room) for room in (10**9, 1_500_000, 30_000))
    told = [json.loads(text) for text in (full, less, least)]
    assert [item["points"] for item in told] == [256, 128, 64]
    assert [len(item["scenarios"]) for item in told][:2] == [24, 24]
    assert len(told[2]["scenarios"]) < 3
    assert all(item["scenarios"][0]["name"] == "base" for item in told)
    assert len(less) < 1_510_000


def test_there_is_nothing_to_ask_where_nothing_varies() -> None:
    constant = base_result([34.66] * 64, [0.0] * 64)
    for result in (constant, base_result([1.0], [0.0], replicates=1, study=fake_study(inputs=()))):
        assert embedded_draws(result) == ""
        page = build_report(result, [])
        assert 'id="ask"' not in page
        assert page.count("<script") == 1
