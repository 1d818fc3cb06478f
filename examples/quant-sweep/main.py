"""A trading desk's moving-average sweep over 33 years of oil prices, spread over every node of a Ray cluster."""

import json
import sys
import time
from pathlib import Path

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import sweep

TASKS_PER_NODE = 8


@ray.remote(num_cpus=1)
def best_of_part(cents, candidates):
    return *sweep.best_of(cents, candidates), ray.get_runtime_context().get_node_id()


def main() -> int:
    ray.init()
    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
    cents = sweep.read_prices(Path(__file__).with_name("wti-daily.csv"))
    candidates = sweep.combinations()
    print(f"{len(cents)} daily prices, {len(candidates)} combinations, {len(nodes)} nodes", flush=True)

    started = time.perf_counter()
    shared = ray.put(cents)
    parts = [candidates[i :: TASKS_PER_NODE * len(nodes)] for i in range(TASKS_PER_NODE * len(nodes))]
    # One part goes to each node by name; the rest goes wherever there is room.
    strategies = [NodeAffinitySchedulingStrategy(node, soft=True) for node in nodes]
    pending = [
        best_of_part.options(scheduling_strategy=strategies[i] if i < len(nodes) else "SPREAD").remote(shared, part)
        for i, part in enumerate(parts)
    ]
    results, told = [], 0
    while pending:
        done, pending = ray.wait(pending)
        results += ray.get(done)
        if len(results) * 8 // len(parts) > told:
            told = len(results) * 8 // len(parts)
            best = max(results)
            print(f"{len(results)}/{len(parts)} parts, best so far {best[1]}/{best[2]} days", flush=True)
    total, fast, slow = max((value, -fast, -slow) for value, fast, slow, _ in results)
    fast, slow = -fast, -slow
    seconds = time.perf_counter() - started

    print("the same in one process", flush=True)
    started = time.perf_counter()
    alone = sweep.best_of(cents, candidates)
    alone_seconds = time.perf_counter() - started
    matches = alone == (total, fast, slow)
    print(f"cluster {seconds:.1f} s, one process {alone_seconds:.1f} s: {'same' if matches else 'NOT THE SAME'}", flush=True)
    result = {
        "bestFast": fast,
        "bestSlow": slow,
        "totalReturn": total,
        "combinations": len(candidates),
        "nodesUsed": len({node for *_, node in results}),
        "singleProcessMatches": matches,
        "seconds": round(seconds, 3),
    }
    print("RESULT " + json.dumps(result), flush=True)
    return 0 if matches else 1


if __name__ == "__main__":
    sys.exit(main())
