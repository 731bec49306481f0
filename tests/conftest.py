"""What all tests share."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Trials run without the coverage tracer, which makes plain Python several times slower.

    What they cover, quick tests cover as well.
    """
    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker("no_cover")
