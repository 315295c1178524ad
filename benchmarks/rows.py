"""The rows of the table: how each is measured and what floor it has."""

import functools

import floors
from contenders import CONTENDERS
from results import summarise
from workers import Worker, opened

MACHINE = "machine"


def fresh_workers(names, size):
    make = "measures:ContenderMeasures"
    return {name: Worker(make, name=name, size=vars(size)) for name in names}


def asking(workers, call, **arguments):
    """That method of each worker, as a function without arguments."""
    return {
        name: functools.partial(worker.call, call, **arguments) for name, worker in workers.items()
    }


def in_rounds(calls, rounds):
    """One repetition of each call a round, in an order that turns: name -> repetitions.

    A round before them, which traces, starts threads and warms caches, does not count.
    """
    for call in calls.values():
        call()
    names = list(calls)
    values = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            values[name].append(calls[name]())
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

    def step(self, pairs):
        def floor(name, rates):
            rate = rates[CONTENDERS[name].products]
            return floors.step_floor(self.size, pairs, rate, rates["bandwidth"])

        row = f"step, {pairs} pairs"
        return self._beside_the_machine(row, floor, "step", pairs=pairs, steps=self.steps)

    def direction(self, call, rows):
        def floor(name, rates):
            return floors.flops_per_pass(self.size, rows) / rates["float32"]

        return self._beside_the_machine(f"{call}, {rows} rows", floor, call, rows=rows)

    def _beside_the_machine(self, row, floor, call, **arguments):
        """Every round measures the machine too: what slows a contender slows its floor."""
        calls = asking(self.workers, call, **arguments)
        values = in_rounds({**calls, MACHINE: self._rates}, self.rounds)
        rates = values.pop(MACHINE)
        found = {name: [floor(name, rate) for rate in rates] for name in values}
        return summarise(row, "s", values, found)

    def _rates(self):
        return self.machine.call("rates")

    def likelihood(self, rows):
        """Direct call and TransformedDistribution of this package, in the same rounds."""
        results = []
        for name, worker in self._ours().items():
            ask = functools.partial(worker.call, rows=rows)
            calls = {
                "log_prob": functools.partial(ask, "likelihood"),
                "distribution": functools.partial(ask, "likelihood_of_distribution"),
            }
            values = in_rounds(calls, self.rounds)
            row = f"likelihood of {name}, {rows} rows"
            results += summarise(row, "s", values, reference="log_prob")
        return results

    def end(self, pairs):
        values = in_rounds(asking(self._ours(), "end_of_fit", pairs=pairs), self.rounds)
        return summarise("last step to return of fit", "s", values)

    def _ours(self):
        return {name: worker for name, worker in self.workers.items() if CONTENDERS[name].ours}

    def machine_results(self):
        rounds = in_rounds({MACHINE: self._rates}, self.rounds)[MACHINE]
        results = []
        for name in rounds[0]:
            values = {MACHINE: [rates[name] for rates in rounds]}
            row = name if name == "bandwidth" else f"products, {name}"
            results += summarise(row, "B/s" if name == "bandwidth" else "FLOP/s", values)
        return results


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
