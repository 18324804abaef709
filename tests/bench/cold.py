"""How long an editor waits: `--help` and `build` as cold processes, against the interpreter alone, and build warm."""

from __future__ import annotations

import sys
import time
from statistics import median as middle

from newsletter.edges.files import Project
from newsletter.flows.build import build
from tests.bench.measuring import median, process
from tests.bench.publication import environment, newsletter, publication

ROUNDS = 9


def main() -> None:
    """Print the medians of interleaved rounds."""
    with publication() as root:
        env = environment(root)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "newsletter --help": newsletter("--help"),
            "newsletter build": newsletter("build"),
        }
        costs = {name: [process(command, cwd=root, env=env)] for name, command in commands.items()}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                costs[name].append(process(command, cwd=root, env=env))
        bare = median(costs["python -c pass"][1:])
        print("cold process                 wall s    cpu s   peak MB   x interpreter")
        for name, all_costs in costs.items():
            cost = median(all_costs[1:])  # the first one warmed the disk
            print(f"{name:<26}{cost.wall:9.3f}{cost.cpu:9.3f}{cost.peak:10.1f}{cost.wall / bare.wall:16.1f}")
        warm = []
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            build(Project(root), None, {})
            warm.append(time.perf_counter() - began)
        print(f"{'build, warm process':<26}{middle(warm[1:]):9.3f}")


if __name__ == "__main__":
    main()
