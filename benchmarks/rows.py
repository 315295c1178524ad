"""The rows of the table: how each is measured and what floor it has."""

import floors
from results import Result, summarise
from workers import Worker, opened

MACHINE = "machine"
OURS = ("iin_tf", "iin_tf_bfloat16")


def fresh_workers(names, size):
    make = "measures:ContenderMeasures"
    return {name: Worker(make, name=name, size=vars(size)) for name in names}


def in_rounds(workers, rounds, call, **arguments):
    """One repetition of each worker a round, in an order that turns: worker -> repetitions."""
    names = list(workers)
    values = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            values[name].append(workers[name].call(call, **arguments))
    return values


class Session:
    """The workers that stay, one a contender, and the machine's rates as measured so far.

    Args:
      workers: name -> Worker.
      machine: Worker of `floors.MachineMeasures`.
      size: contenders.Size.
      rounds, steps: repetitions, and training steps in each.
    """

    def __init__(self, workers, machine, size, rounds, steps):
        self.workers, self.machine, self.size = workers, machine, size
        self.rounds, self.steps = rounds, steps
        self.machine.call("products", dtype="float32")  # starts its threads
        self.machine.call("products", dtype="bfloat16")

    def rates(self):
        """Best product rates by dtype and bandwidth of some rounds, and their results."""
        ask = self.machine.call
        values = {
            dtype: [ask("products", dtype=dtype) for _ in range(self.rounds)]
            for dtype in ("float32", "bfloat16")
        }
        values["bandwidth"] = [ask("bandwidth") for _ in range(self.rounds)]
        return {name: max(found) for name, found in values.items()}, values

    def step(self, pairs):
        for worker in self.workers.values():
            worker.call("step", pairs=pairs, steps=1)
        before, _ = self.rates()
        values = in_rounds(self.workers, self.rounds, "step", pairs=pairs, steps=self.steps)
        after, _ = self.rates()
        best = {name: max(before[name], after[name]) for name in before}

        def floor(name):
            rate = best["bfloat16" if name == "iin_tf_bfloat16" else "float32"]
            return floors.step_floor(self.size, pairs, rate, best["bandwidth"])

        return summarise(
            f"step, {pairs} pairs", "s", values, {name: floor(name) for name in values}
        )

    def direction(self, call, rows):
        for worker in self.workers.values():
            worker.call(call, rows=rows)
        rate = self.rates()[0]["float32"]
        values = in_rounds(self.workers, self.rounds, call, rows=rows)
        floor = floors.flops_per_pass(self.size, rows) / rate
        return summarise(f"{call}, {rows} rows", "s", values, dict.fromkeys(values, floor))

    def likelihood(self, rows):
        """Direct call and TransformedDistribution of this package, in the same rounds."""
        results = []
        for name in (name for name in self.workers if name in OURS):
            calls = {"log_prob": "likelihood", "distribution": "likelihood_of_distribution"}
            views = {what: _View(self.workers[name], call) for what, call in calls.items()}
            in_rounds(views, 1, "", rows=rows)
            values = in_rounds(views, self.rounds, "", rows=rows)
            row = f"likelihood of {name}, {rows} rows"
            results += summarise(row, "s", values, reference="log_prob")
        return results

    def end(self, pairs):
        ours = {name: worker for name, worker in self.workers.items() if name in OURS}
        return summarise(
            "last step to return of fit",
            "s",
            in_rounds(ours, self.rounds, "end_of_fit", pairs=pairs),
        )

    def machine_results(self):
        _, values = self.rates()
        return [
            Result(
                row="bandwidth" if name == "bandwidth" else f"products, {name}",
                contender=MACHINE,
                unit="B/s" if name == "bandwidth" else "FLOP/s",
                median=sorted(found)[len(found) // 2],
                low=min(found),
                high=max(found),
                repetitions=len(found),
            )
            for name, found in values.items()
        ]


class _View:
    """One method of a worker, where rounds expect a worker."""

    def __init__(self, worker, call):
        self.worker, self.name = worker, call

    def call(self, _, **arguments):
        return self.worker.call(self.name, **arguments)


def first_step(names, size, pairs, rounds):
    """From compile to the end of the first step; every repetition in a fresh process."""
    values = {name: [] for name in names}
    for _ in range(rounds):
        with opened(fresh_workers(names, size)) as workers:
            for name, worker in workers.items():
                values[name].append(worker.call("first_step", pairs=pairs))
    return summarise(f"compile to first step, {pairs} pairs", "s", values)


def memory(names, size, pairs, rows):
    """Peak resident memory of a process that trains at all batch sizes and goes both ways."""
    values = {}
    for name in names:
        with opened(fresh_workers([name], size)) as workers:
            peak = workers[name].call("peak_memory", pairs=pairs, rows=rows)
            values[name] = [peak / 2**20]
    return summarise("peak resident memory", "MiB", values)
