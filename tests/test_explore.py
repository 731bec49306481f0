"""The page on which a study is moved: who may ask, what is answered, what is saved."""

import copy
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mcrace
from mcrace.errors import RunError, StudyError
from mcrace.explore.guard import MOST_BYTES
from mcrace.explore.sampling import drawn
from mcrace.explore.server import serving
from mcrace.explore.session import Session, Turns, opened
from mcrace.study import load
from mcrace.study.document import read_text
from tests.explored import DRAWS, EARLY, Caller, run_values, served, values_of, write_study
from tests.small_study import EXACT, SMALL


@pytest.fixture(scope="module")
def study_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("explore"), SMALL)


@pytest.fixture(scope="module")
def session(study_file: Path) -> Session:
    return opened(str(study_file), {}, draws=DRAWS)


@pytest.fixture(scope="module")
def caller(session: Session) -> Iterator[Caller]:
    with served(session) as caller:
        yield caller


GOOD = json.dumps({"page": "p", "sequence": 1, "scenario": "base", "edits": {}}).encode()


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/", None, {"Host": "evil.example"}, 403),
        ("GET", "/", None, {"Host": "127.0.0.1"}, 403),
        ("GET", "/", None, {"Host": None}, 403),
        ("GET", "/", None, {"Origin": "http://evil.example"}, 403),
        ("GET", "/api/study", None, {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", "/api/study", None, {"Sec-Fetch-Site": "same-site"}, 403),
        ("GET", "/api/study", None, {"X-Mcrace-Token": None}, 401),
        ("GET", "/api/study", None, {"X-Mcrace-Token": "wrong"}, 401),
        ("GET", "/api/study", b"{}", {}, 400),
        ("POST", "/api/answer", GOOD, {"Host": "evil.example"}, 403),
        ("POST", "/api/answer", GOOD, {"Origin": "http://evil.example"}, 403),
        ("POST", "/api/answer", GOOD, {"Origin": "null"}, 403),
        ("POST", "/api/answer", GOOD, {"Origin": None}, 403),
        ("POST", "/api/answer", GOOD, {"Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/api/answer", GOOD, {"X-Mcrace-Token": None}, 401),
        ("POST", "/api/save", GOOD, {"X-Mcrace-Token": "wrong"}, 401),
        ("POST", "/api/answer", GOOD, {"Content-Type": "text/plain"}, 415),
        ("POST", "/api/answer", GOOD, {"Content-Type": None}, 415),
        ("POST", "/api/answer", b"", {"Content-Length": None}, 411),
        ("POST", "/api/answer", b"", {"Content-Length": "-1"}, 411),
        ("POST", "/api/answer", b"", {"Content-Length": None, "Transfer-Encoding": "chunked"}, 411),
        ("POST", "/api/answer", b"", {"Content-Length": str(MOST_BYTES + 1)}, 413),
        ("POST", "/api/answer", b"", {"Content-Length": "9" * 5000}, 413),
        ("POST", "/api/answer", b"{", {}, 400),
        ("POST", "/api/answer", b"[" * 60_000, {}, 400),
        ("POST", "/api/answer", b"\xff\xfe", {}, 400),
        ("POST", "/api/answer", b"[1]", {}, 400),
        ("POST", "/api/answer", b'{"page": "p", "sequence": 1, "edits": {"inputs.day": 3}}', {}, 400),
        ("POST", "/api/answer", b'{"page": "p", "sequence": 1, "edits": []}', {}, 400),
        ("POST", "/api/answer", b'{"page": "p", "sequence": true, "edits": {}}', {}, 400),
        ("POST", "/api/answer", b'{"page": 7, "sequence": 1, "edits": {}}', {}, 400),
        ("POST", "/api/save", b'{"edits": {}}', {}, 400),
        ("GET", "/api/answer", None, {}, 405),
        ("GET", "/api/save", None, {}, 405),
        ("POST", "/api/study", GOOD, {}, 405),
        ("POST", "/", GOOD, {}, 405),
        ("PUT", "/api/save", GOOD, {}, 405),
        ("DELETE", "/", None, {}, 405),
        ("OPTIONS", "/api/answer", None, {}, 405),
        ("BREW", "/", None, {}, 501),
        ("GET", "/nothing", None, {}, 404),
        ("GET", "/?x=1", None, {}, 404),
        ("GET", "/page.html", None, {}, 404),
        ("GET", "/../pyproject.toml", None, {}, 404),
        ("GET", "/..%2f..%2fpyproject.toml", None, {}, 404),
        ("GET", "//etc/passwd", None, {}, 404),
        ("GET", "/server.py", None, {}, 404),
        ("POST", "/api/../api/save", GOOD, {}, 404),
    ],
)
def test_strangers_and_slips_are_refused(caller, method, path, body, headers, status):
    found, data, answered = caller.ask(method, path, body, headers)
    assert (found, b"Traceback" in data) == (status, False)
    assert answered["X-Content-Type-Options"] == "nosniff"
    assert answered["Content-Type"] == "text/plain; charset=utf-8"
    assert (answered["Allow"] == "GET, HEAD, POST") == (status == 405)


def test_the_page_is_let_in_by_both_names_of_this_machine(caller):
    for host in (f"127.0.0.1:{caller.port}", f"localhost:{caller.port}"):
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        assert caller.ask("POST", "/api/answer", GOOD, headers)[0] == 200


def test_a_header_that_is_given_twice_fits_nothing(caller):
    with socket.create_connection(("127.0.0.1", caller.port), timeout=10) as plain:
        host = f"Host: 127.0.0.1:{caller.port}\r\n"
        plain.sendall(f"GET / HTTP/1.1\r\n{host}{host}Connection: close\r\n\r\n".encode())
        assert b" 403 " in plain.recv(100)


def test_every_file_of_the_page_is_given_with_its_guards(caller):
    page = caller.ask("GET", "/")[1].decode()
    names = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert len(names) == 3
    scripts = caller.ask("GET", "/explore.js")[1].decode()
    names += re.findall(r'from "([^"]+)"', scripts)
    assert len(names) == 5
    for name in names:
        status, data, headers = caller.ask("GET", name)
        assert status == 200
        assert len(data) > 100
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert b"innerHTML" not in data
        assert len(data.splitlines()) < 400
        assert caller.ask("HEAD", name)[1] == b""


def test_it_listens_on_the_loopback_address_alone(session):
    page = serving(session)
    try:
        assert page.server.server_address[0] == "127.0.0.1"
        assert page.address.startswith("http://127.0.0.1:")
        assert len(page.address.partition("#")[2]) >= 32
    finally:
        page.server.server_close()


def test_a_port_that_is_taken_is_told(session):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RunError, match=f"port {port}: another program uses it; leave out --port"):
            serving(session, port)
    with pytest.raises(StudyError, match="--port: found 70000, expected a whole number from 0 to 65535"):
        serving(session, 70_000)


@pytest.mark.parametrize("scenario", ["base", "early", "same"])
def test_the_numbers_are_those_of_a_run_to_the_bit(caller, session, study_file, scenario):
    result = mcrace.run(load(study_file, {"sampling.draws": DRAWS}), jobs=1)
    found = caller.answer({}, scenario)
    expected = run_values(mcrace.summary(result), scenario)
    shown = values_of(found)
    assert len(shown) == 12
    assert shown == {key: expected[key] for key in shown}
    place = session.scenarios.index(scenario)
    statistics = drawn(session.text, place, place + 1).statistics
    np.testing.assert_array_equal(statistics.values[0], result.statistics.values[place])
    assert found["draws"] == result.statistics.points * result.statistics.replicates


def test_the_answer_of_a_change_is_that_of_the_changed_study(caller, study_file):
    changes = {"inputs.day": {"lognormal": {"p05": 20, "p95": 300}}, "model.value.scale": "0.3"}
    edits = EARLY | {"model.value.scale": "0.3"}
    study = load(study_file, {**changes, "model.value.scale": 0.3, "sampling.draws": DRAWS})
    shown = values_of(caller.answer(edits, "same"))
    expected = run_values(mcrace.summary(mcrace.run(study, jobs=1)), "same")
    assert shown == {key: expected[key] for key in shown}


@pytest.mark.parametrize("text", ["{lognormal: {p05: 20, p95: 300}}", "100"])
def test_a_change_is_told_on_common_random_numbers(caller, text):
    """As the tool's own scenarios do it, also where an input is fixed and the others' coordinates move."""
    value = read_text(text).value
    study = mcrace.Study(
        **{
            **copy.deepcopy(dict(SMALL)),
            "scenarios": {"moved": {"inputs.day": value}},
            "sampling": {**SMALL["sampling"], "draws": DRAWS},
        }
    )
    expected = run_values(mcrace.contrasts(mcrace.run(study, jobs=1)), "moved")
    found = caller.answer({"inputs.day": text})
    for output in found["outputs"]:
        for row in output["rows"]:
            change = (row["change_value"], row["change_error"])
            assert change == expected[output["name"], row["name"]]
    mean = found["outputs"][0]["rows"][1]
    assert mean["change_error"] < 0.5 * mean["standard_error"]


def test_a_change_of_what_a_scenario_sets_itself_changes_nothing_there(caller):
    found = caller.answer({"inputs.day": "400"}, "early")
    assert {row["change"] for output in found["outputs"] for row in output["rows"]} == {"0"}


def test_nothing_changed_is_no_change(caller):
    found = caller.answer({})
    assert {row["change"] for output in found["outputs"] for row in output["rows"]} == {"0"}
    assert found["sentences"][0].startswith("Training z pays in ")
    for output in found["outputs"]:
        bars = output["bars"]
        assert bars["start"] == bars["now"]
        assert sum(bars["now"]) + bars["below"] + bars["above"] == pytest.approx(1, abs=1e-12)
        zero = -bars["low"] / (bars["high"] - bars["low"]) * len(bars["now"])
        assert zero == pytest.approx(round(zero), abs=1e-9)  # no bar has two signs


def test_histograms_count_the_draws(caller, session):
    found = caller.answer({})["outputs"][0]
    bars = found["bars"]
    draws = drawn(session.text, 0, 1).outputs[0, 0]
    factor = 1e9 if found["unit"] == "billion USD" else 1e6
    counts, _ = np.histogram(draws / factor, len(bars["now"]), (bars["low"], bars["high"]))
    np.testing.assert_allclose(bars["now"], counts / draws.size, atol=1.01 / draws.size)


def test_an_exact_study_can_be_made_uncertain_and_back(tmp_path):
    session = opened(str(write_study(tmp_path, EXACT)), {})
    exact = session.answered({}, "base")
    assert exact["note"] == "The numbers are exact: no input is uncertain."
    assert (exact["draws"], exact["outputs"][0]["rows"][1]["standard_error"]) == (1, 0.0)
    moved = session.answered({"inputs.day": "{uniform: [100, 300]}"}, "base")
    assert moved["draws"] > 1000
    assert moved["outputs"][0]["rows"][1]["change_value"] != 0
    assert session.answered({"inputs.day": "200"}, "never")["outputs"][1]["rows"][3]["change"] == "0"
    infinite = session.answered({"inputs.day": ".inf"}, "base")
    assert infinite["outputs"][1]["rows"][3]["value"] == 0


def test_faults_stand_beside_what_caused_them_all_at_once(caller):
    found = caller.answer(
        {
            "inputs.day": "{lognrmal: {p05: 3, p95: 40}}",
            "model.horizon_days": "-3",
            "inputs.lead": "leed",
            "model.value.scale": "leed * 2",
        }
    )
    told = {fault["control"]: fault["text"] for fault in found["faults"]}
    assert set(told) == {"inputs.day", "model.horizon_days", "inputs.lead", "model.value.scale"}
    assert "did you mean 'lognormal'?" in told["inputs.day"]
    assert told["model.horizon_days"].startswith("found -3, expected a number")
    assert "did you mean 'lead'?" in told["model.value.scale"]
    assert "outputs" not in found


@pytest.mark.parametrize(
    ("edits", "control", "text"),
    [
        ({"inputs.day": " "}, "inputs.day", "found nothing, expected a number, a law or an expression"),
        ({"inputs.day": "~"}, "inputs.day", "found ~, expected"),
        ({"inputs.day": "{a: 1, a: 2}"}, "inputs.day", "expected"),
        ({"inputs.day": "!!python/object:os.system x"}, "inputs.day", "a study runs no code"),
        ({"inputs.day": "9" * 5_000}, "inputs.day", "at most 4,000"),
        ({"inputs.dai": "3"}, "inputs.dai", "did you mean 'inputs.day'?"),
        ({"sampling.draws": "100000000"}, "sampling.draws", "expected a number of the study"),
        ({"study": "other"}, "study", "expected a number of the study"),
        ({"model.customers.count": "{uniform: [-5, 5]}"}, "model.customers.count", "expected"),
        ({"model.value.scale": "lead - 5"}, "model.value.scale", "(first in replicate 0, point "),
    ],
)
def test_faults_of_one_value(caller, edits, control, text):
    (fault, *_) = caller.answer(edits)["faults"]
    assert fault["control"] == control
    assert text in fault["text"]
    assert "mcrace check" not in fault["text"]  # it would check the study as it was
    assert "\n" not in fault["text"]


def test_a_scenario_that_is_not_there_is_told(caller):
    assert "found 'nope', expected base or early or same" in caller.answer({}, "nope")["faults"][0]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "{empirical: {file: 'FILE', column: a}}",
        "{mixture: [[0.5, {empirical: {file: 'FILE', column: a}}], [0.5, 3]]}",
        "{'x.empirical.file': 'FILE'}",
        "{empirical.file: 'FILE'}",
        "{file: 'FILE', column: a}",
    ],
)
def test_no_file_is_opened_that_the_study_does_not_name(tmp_path, text):
    data = tmp_path / "secret.csv"
    data.write_text("a\n1\n2\n3\n")
    content = copy.deepcopy(dict(SMALL))
    content["inputs"]["empirical"] = {"uniform": [0, 1]}
    content["model"]["value"]["scale"] = "0.4 + 0 * empirical"
    session = opened(str(write_study(tmp_path, content)), {}, draws=64)
    for name in ("day", "empirical"):
        with pytest.raises(StudyError, match="expected a data file that the study itself names"):
            session.answered({f"inputs.{name}": text.replace("FILE", str(data))}, "base")


def test_only_the_newest_question_of_a_page_is_worked_out():
    turns, started, go = Turns(), threading.Event(), threading.Event()
    worked: list[int] = []

    def slow() -> str:
        started.set()
        assert go.wait(10)
        return "first"

    answers: dict[int, Any] = {}

    def ask(number: int, work: Any) -> threading.Thread:
        thread = threading.Thread(
            target=lambda: answers.__setitem__(number, turns.taken("page", number, work))
        )
        thread.start()
        return thread

    threads = [ask(1, slow)]
    assert started.wait(10)
    for number in (2, 3, 4):
        threads.append(ask(number, lambda number=number: worked.append(number) or number))
        while turns.newest.get("page") != number:
            time.sleep(0.001)
    go.set()
    for thread in threads:
        thread.join(10)
    assert answers == {1: "first", 2: None, 3: None, 4: 4}
    assert worked == [4]
    for number in range(200):
        turns.taken(f"page {number}", 1, lambda: None)
    assert len(turns.newest) <= 64


def test_a_late_question_is_told_to_be_stale(caller):
    caller.answer({})
    content = {"page": "test", "sequence": caller.sequence - 1, "scenario": "base", "edits": {}}
    assert caller.post("/api/answer", content) == {"sequence": caller.sequence - 1, "stale": True}
