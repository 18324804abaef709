"""`make torture`: at least three hundred kills, over every store, mode and number of workers; then the sums."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from itertools import count, cycle
from pathlib import Path
from random import Random

from newsletter.core.delivery import State
from tests.doubles import running_ses
from tests.postgresql import databases
from tests.stores import empty_store
from tests.torture.nursery import nursery
from tests.torture.trial import Trial

KILLS, KILLS_OF_A_TRIAL, READERS = 300, 6, 200
COMBINATIONS = [
    (store, mode, workers) for store in ("sqlite", "postgresql") for mode in ("single", "bulk") for workers in (1, 3)
]


def main(kills: int, seed: int) -> None:
    """Run trials until enough senders were killed; the first book that does not add up ends it with an error."""
    chance, killed, total = Random(seed), 0, Counter[State]()  # noqa: S311 - the same campaign for the same seed
    with databases() as new_postgresql, running_ses() as ses, nursery() as forks:
        for number, (store, mode, workers) in zip(count(1), cycle(COMBINATIONS)):
            with tempfile.TemporaryDirectory(prefix="newsletter-torture-") as name:
                folder = Path(name)
                url = empty_store(folder / ".newsletter") if store == "sqlite" else new_postgresql()
                trial = Trial(folder, url, mode, workers, forks, ses, chance)
                trial.prepare(READERS)
                states = trial.run(KILLS_OF_A_TRIAL)
            killed, total = killed + trial.killed, total + states
            sums = ", ".join(f"{state}: {states[state]}" for state in sorted(states))
            print(f"{number:3} {store:<10} {mode:<6} {workers} at work, {trial.killed} killed; {sums}", flush=True)  # noqa: T201
            if killed >= kills:
                break
    sums = ", ".join(f"{state}: {total[state]}" for state in sorted(total))
    print(f"seed {seed}: {killed} killed, nobody lost, nobody mailed twice; {sums}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
