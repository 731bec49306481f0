"""Compiled functions: named after what they are made of, made once, made even where nothing can be kept."""

from mcrace import compiling
from mcrace.compiling import compiled, fingerprint


def test_compiled_code_is_named_after_all_that_it_calls():
    from mcrace.model import discounting

    before = fingerprint(discounting.daily_rate)
    assert before == fingerprint(discounting.daily_rate)
    namespace = discounting.daily_rate.__globals__
    days = namespace["DAYS_A_YEAR"]
    try:
        namespace["DAYS_A_YEAR"] = 365.0
        assert fingerprint(discounting.daily_rate) != before
    finally:
        namespace["DAYS_A_YEAR"] = days
    assert fingerprint(discounting.annuity) != before


def test_threads_that_start_together_share_one_compiled_function():
    from concurrent.futures import ThreadPoolExecutor

    from mcrace.model.discounting import discount_factor

    with ThreadPoolExecutor(8) as pool:
        functions = list(pool.map(lambda _: compiled(discount_factor), range(8)))
    assert len({id(function) for function in functions}) == 1


def test_code_compiles_where_nothing_can_be_cached(monkeypatch):
    from mcrace.model.discounting import annuity

    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/no/folder")
    assert compiling._compiled.__wrapped__(annuity)(0.0, 1.0, 3.0) == 2.0
