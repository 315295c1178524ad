"""Kills runs, and looks at how they end; prints a table.

    python tests/training/kills stages --kills=1000 --terms=100 --minutes=600
    python tests/training/kills fit --kills=100
    python tests/training/kills disks

`stages`: half of the SIGKILLs come at a random moment, half at one of the operations on files; a
run is killed up to six times in a row, and must then end as the one that nothing disturbed, to the
last bit.  `fit`: Keras's BackupAndRestore beside `Checkpoints`.  `disks`: full and read-only ones,
which takes the right to mount.

A process that has imported TensorFlow and started nothing forks for every run, so that a run costs
its own work alone.  All of it happens in a copy of the package, which nobody edits meanwhile.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FROZEN = "IIN_TF_FROZEN"
# Many small operations: a thread more only waits.
ONE_THREAD = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["stages", "fit", "disks"])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--terms", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stages", nargs="*")
    given = parser.parse_args()
    if FROZEN not in os.environ:
        return in_a_copy()
    from small_run import STAGES

    stages = given.stages or list(STAGES)
    if given.what == "stages":
        from stages import as_table, kill_stages

        found = kill_stages(given.kills, given.terms, given.minutes, given.seed, stages)
    elif given.what == "fit":
        from plain_fit import as_table, kill_fit

        found = kill_fit(given.kills, given.seed)
    else:
        from disks import as_table, try_disks

        found = try_disks(stages)
    table, wrong = as_table(found)
    print(table)
    return int(wrong)


def in_a_copy():
    """Does the same with a copy of the package and of this folder."""
    with tempfile.TemporaryDirectory(prefix="iin_frozen") as copy:
        shutil.copytree(HERE.parents[2] / "iin_tf", Path(copy, "iin_tf"))
        shutil.copytree(HERE, Path(copy, "kills"))
        new = {FROZEN: "1", "PYTHONPATH": copy, **dict.fromkeys(ONE_THREAD, "1")}
        environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **new}
        command = [sys.executable, Path(copy, "kills"), *sys.argv[1:]]
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
