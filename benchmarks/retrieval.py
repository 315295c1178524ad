"""Time, memory and recall of the nearest-neighbour searches by block, at a million rows.

    python benchmarks/retrieval.py --rows 1000000 --columns 16

Prints a Markdown table, in CPU seconds of one thread, which other programs on the machine disturb
less than seconds on the clock.
"""

import argparse
import os
import resource
import time

# Before numpy: one thread.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from iin_tf.audits import block_index, exact_neighbors, neighbors_in


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=16)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--neighbors", type=int, default=10)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    codes = random.standard_normal((options.rows, options.columns)).astype(np.float32)
    queries = random.standard_normal((options.queries, options.columns)).astype(np.float32)
    count = options.neighbors
    print("| search | build, CPU s | ms a query | recall | peak memory, MB |")
    print("| --- | --- | --- | --- | --- |")
    # The index first: the peak only rises.
    seconds, index = timed(block_index, codes)
    found = {}
    for part in (64, 32, 16):
        probes = max(1, index.nlist // part)
        name = f"index, {probes} of {index.nlist} cells"
        found[name] = timed(neighbors_in, index, queries, count, probes)
    peak = megabytes()
    spent, exact = timed(exact_neighbors, codes, queries, count)
    for name, (search, rows) in found.items():
        print(row(name, seconds, search, recall(rows, exact), peak, len(queries)))
    print(row("exact", 0, spent, 1.0, megabytes(), len(queries)), flush=True)


def timed(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def recall(rows, exact):
    """The fraction of the true neighbours that were found."""
    return np.mean([np.isin(a, b).mean() for a, b in zip(exact, rows, strict=True)])


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def row(name, build, search, found, peak, queries):
    milliseconds = 1000 * search / queries
    return f"| {name} | {build:.1f} | {milliseconds:.2f} | {found:.3f} | {peak:.0f} |"


if __name__ == "__main__":
    main()
