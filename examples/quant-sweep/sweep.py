"""The sweep itself, free of Ray: what one machine would run, and what every task of the cluster runs."""

import csv
from pathlib import Path

import numpy as np

FAST_DAYS = range(2, 81)
SLOWEST_DAYS = 320
FEE = 0.001  # of the value traded, at each entry and each exit


def read_prices(path: Path) -> np.ndarray:
    """Daily closing prices in cents, oldest first. Integers: sums of them are exact on every CPU."""
    with open(path, newline="") as file:
        return np.array([round(float(row["usd_per_barrel"]) * 100) for row in csv.DictReader(file)], dtype=np.int64)


def combinations() -> list[tuple[int, int]]:
    return [(fast, slow) for fast in FAST_DAYS for slow in range(fast + 1, SLOWEST_DAYS + 1)]


def total_return(cents: np.ndarray, fast: int, slow: int) -> float:
    """
    Long while the mean of the last `fast` days is above that of the last `slow`, in cash otherwise; orders are filled at
    the next day's close. 0.5 means that one dollar became 1.50. Comparisons are in integers and the few multiplications
    in a fixed order, so that every machine finds the same last digit.
    """
    sums = np.concatenate(([0], np.cumsum(cents)))
    day = np.arange(slow, len(cents))
    fast_sum = sums[day] - sums[day - fast]
    slow_sum = sums[day] - sums[day - slow]
    is_long = fast_sum * slow > slow_sum * fast
    changes = np.flatnonzero(np.diff(is_long, prepend=False, append=False))
    closes = cents[np.minimum(day[0] + changes, len(cents) - 1)].tolist()
    value = 1.0
    for entry, exit_ in zip(closes[0::2], closes[1::2], strict=True):
        value *= exit_ / entry * (1 - FEE) * (1 - FEE)
    return value - 1.0


def best_of(cents: np.ndarray, candidates: list[tuple[int, int]]) -> tuple[float, int, int]:
    """The highest return with its parameters; of equal ones the shortest means."""
    best = max((total_return(cents, fast, slow), -fast, -slow) for fast, slow in candidates)
    return best[0], -best[1], -best[2]
