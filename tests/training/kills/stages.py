"""Kills the stages of a run again and again, and compares what they end with."""

import collections
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

from child import Child
from contents import contents, half_written, strays
from small_run import STAGES, get_config

from iin_tf.experiment import run_stages
from iin_tf.experiment.experiment import Experiment  # noqa: F401 (all that a run imports)

# Kills of one run before it may end.
_IN_A_ROW = 6
COLUMNS = (
    "at an operation", "at random", "SIGTERM", "runs", "bit-equal", "half written", "wrong code",
    "not resumed", "strays",
)  # fmt: skip
_FAULTS = COLUMNS[5:]
_NAMES = {"operation": COLUMNS[0], "random": COLUMNS[1], "term": COLUMNS[2]}


def stage_work(stage):
    """A function that runs a stage in the folder where it is called."""
    return lambda: run_stages(get_config(), "run", [stage])


def undisturbed(root, stages=STAGES):
    """Stage -> (folder before it, contents after it, operations, seconds)."""
    whole, found = root / "whole", {}
    whole.mkdir()
    for stage in STAGES:
        before = root / f"before_{stage}"
        shutil.copytree(whole, before)
        child = Child(stage_work(stage), whole)
        if child.code:
            raise SystemExit((whole / "log").read_text()[-3000:])
        (whole / "log").unlink()
        found[stage] = (before, contents(whole), child.operations, child.seconds)
        print(f"{stage}: {child.operations} operations, {child.seconds:.1f} s", flush=True)
        if not set(stages) - set(found):
            break
    return found


def kill_stages(kills, terms, minutes, seed, stages):
    """Kills until enough were sent, or the time is over: stage -> counts by column."""
    draw = random.Random(seed)
    table = {stage: collections.Counter() for stage in stages}
    with tempfile.TemporaryDirectory(prefix="iin_kills") as root:
        known = undisturbed(Path(root), stages)
        spent = dict.fromkeys(stages, 0.0)
        end = time.monotonic() + 60 * minutes
        while _sent(table) < kills + terms and time.monotonic() < end:
            # Every stage gets the same time.
            stage = min(spent, key=spent.get)
            started = time.monotonic()
            share = terms / (kills + terms)
            _disturb(Path(root) / "try", stage, known[stage], draw, table[stage], share)
            spent[stage] += time.monotonic() - started
            # What is counted so far outlives this process too.
            print(stage, dict(table[stage]), flush=True)
    return table


def _sent(table):
    return sum(counts[name] for counts in table.values() for name in _NAMES.values())


def _disturb(directory, stage, known, draw, counts, share_of_terms):
    """One run of a stage, killed some times, and compared with the one that was not."""
    before, expected, operations, seconds = known
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(before, directory)
    for _ in range(_IN_A_ROW):
        kind = draw.choice(["operation", "random"])
        if draw.random() < share_of_terms:
            kind = "term"
        most = operations if kind == "operation" else seconds
        how = (kind, draw.randint(1, most) if kind == "operation" else draw.uniform(0, most))
        child = Child(stage_work(stage), directory, how)
        if child.code == 0:
            # What it had left to do was less than that.
            break
        counts[_NAMES[kind]] += 1
        # A SIGTERM before the stage begins finds nothing to save.
        wanted = (143, -signal.SIGTERM) if kind == "term" else (-signal.SIGKILL,)
        if child.code not in wanted:
            _tell(counts, "wrong code", stage, how, child.code, _log(directory))
        for path in half_written(directory):
            _tell(counts, "half written", stage, how, path)
    if child.code and Child(stage_work(stage), directory).code:
        _tell(counts, "not resumed", stage, how, _log(directory))
        return
    _compare(directory, stage, expected, counts)


def _compare(directory, stage, expected, counts):
    found = contents(directory)
    differs = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    counts["runs"] += 1
    counts["bit-equal"] += not differs
    if differs:
        print(stage, "differs in", differs[:5], flush=True)
    for path in strays(directory):
        _tell(counts, "strays", stage, path)


def _tell(counts, column, *about):
    counts[column] += 1
    print(column, *about, flush=True)


def _log(directory):
    return (directory / "log").read_text()[-2000:]


def as_table(table):
    """Markdown, and whether anything went wrong."""
    total = sum(table.values(), collections.Counter())
    lines = [f"| stage | {' | '.join(COLUMNS)} |", "| --- " * (1 + len(COLUMNS)) + "|"]
    for stage, counts in {**table, "all": total}.items():
        lines.append(f"| {stage} | {' | '.join(str(counts[name]) for name in COLUMNS)} |")
    wrong = total["runs"] != total["bit-equal"] or any(total[name] for name in _FAULTS)
    return "\n".join(lines), wrong
