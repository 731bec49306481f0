"""Coverage of the 90 % intervals of laws fitted to simulated release histories.

    python -m tests.benchmarks.fit [--histories 1000]

Each history is fitted three times: with what still waits and what hangs together taken for what it is, with
what still waits dropped, and with every case taken as independent. `tests.release_histories` tells the world.
"""

import argparse

from tests.release_histories import (
    LAWS,
    NUMBERS,
    as_if_independent,
    coverage,
    dropped,
    growth_coverage,
    kept,
    truths,
)

WAYS = {"as fitted": kept, "waiting dropped": dropped, "as if independent": as_if_independent}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=9)
    options = parser.parse_args()
    truth = truths()
    hits, fitted = coverage(options.histories, options.seed, ways=tuple(WAYS.values()))
    for law, name in enumerate(LAWS):
        print(f"{name}: {fitted[law]} of {options.histories} histories fitted")
        print(f"  {'true':<20}" + "".join(f"{n:>9} {truth[law, i]:5.0f}" for i, n in enumerate(NUMBERS)))
        for way, what in enumerate(WAYS):
            shares = hits[way, law] / fitted[law]
            print(f"  {what:<20}" + "".join(f"{100 * share:13.1f} %" for share in shares))
    print(f"growth of open records: {100 * growth_coverage(options.histories, options.seed):.1f} %")


if __name__ == "__main__":
    main()
