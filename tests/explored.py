"""A study that is explored, for tests: a server in a thread, and one who asks as the page does."""

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mcrace.explore.server import serving
from mcrace.explore.session import Session
from mcrace.study.write import study_yaml

DRAWS = 256
EARLY = {"inputs.day": "{lognormal: {p05: 20, p95: 300}}"}


def write_study(folder: Path, content: Mapping[str, Any], name: str = "small") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(study_yaml(content), encoding="utf-8")
    return path


class Caller:
    """Asks as the page does, unless it is told otherwise."""

    def __init__(self, address: str) -> None:
        host, _, self.token = address.removeprefix("http://").partition("/#")
        self.port = int(host.partition(":")[2])
        self.sequence = 0

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Ask once; a header that is None is left out."""
        usual = {
            "Host": f"127.0.0.1:{self.port}",
            "X-Mcrace-Token": self.token,
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        if body is not None:
            usual |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**usual, **(headers or {})}.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.msg
        finally:
            connection.close()

    def post(self, path: str, content: Any) -> Any:
        status, data, _ = self.ask("POST", path, json.dumps(content).encode())
        assert status == 200, data
        return json.loads(data)

    def answer(self, edits: Mapping[str, str], scenario: str = "base") -> Any:
        self.sequence += 1
        content = {"page": "test", "sequence": self.sequence, "scenario": scenario, "edits": edits}
        return self.post("/api/answer", content)


@contextmanager
def served(session: Session) -> Iterator[Caller]:
    told: list[str] = []
    page = serving(session, 0, told.append)
    thread = threading.Thread(target=page.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Caller(page.address)
    finally:
        page.server.shutdown()
        page.server.server_close()
        thread.join()
    assert told == []


def values_of(found: Any) -> dict[tuple[str, str], tuple[float, float]]:
    return {
        (output["name"], row["name"]): (row["value"], row["standard_error"])
        for output in found["outputs"]
        for row in output["rows"]
    }


def run_values(table: Any, scenario: str = "base") -> dict[tuple[str, str], tuple[float, float | None]]:
    rows = table[table["scenario"] == scenario]
    return {
        (row.output, row.statistic): (
            row.value,
            row.standard_error if np.isfinite(row.standard_error) else None,
        )
        for row in rows.itertuples()
    }
