"""Feeds malformed input to every way into the package, and says what was not refused in a line.

What is given wrong must end in an InputError (a program: exit code 2 and one line), within 20
seconds, within the memory, and with nothing written outside of the case's folder.  A case is a pure
function of surface, seed and number: `--first=N --count=1` runs it again, alone.

Example:
  python benchmarks/fuzz.py --count=10000
  python benchmarks/fuzz.py --surfaces=pair_tables --first=4711 --count=1 --traceback
"""

import os
import tempfile
import time
import traceback
import zlib
from collections import Counter
from pathlib import Path

from absl import app, flags
from fuzzing.watching import Hang, limited_memory, no_longer_than, writes_outside

from iin_tf.checks import InputError

LONGEST, MEMORY = 20, 4 * 2**30

_COUNT = flags.DEFINE_integer("count", 1000, "Inputs of each surface.")
_FIRST = flags.DEFINE_integer("first", 0, "Number of the first.")
_SEED = flags.DEFINE_integer("seed", 0, "Of all of them.")
_SURFACES = flags.DEFINE_list("surfaces", None, "Names of fuzzing.SURFACES; all by default.")
_TRACEBACK = flags.DEFINE_bool("traceback", False, "Show where a fault comes from.")


def fuzz(name, surface, count, seed=0, first=0, show=False):
    """How often each outcome came: accepted, refused, or what a fault says."""
    import numpy as np

    outcomes = Counter()
    for number in range(first, first + count):
        random = np.random.default_rng([seed, zlib.crc32(name.encode()), number])
        with tempfile.TemporaryDirectory() as folder:
            outcome = _outcome(surface, random, Path(folder), show)
        if outcome not in outcomes and outcome not in ("accepted", "refused"):
            print(f"{name} {number}: {outcome}", flush=True)
        outcomes[outcome] += 1
    return outcomes


def _outcome(surface, random, folder, show):
    try:
        with no_longer_than(LONGEST), writes_outside(folder) as outside:
            surface(random, folder)
        outcome = "accepted"
    except InputError as error:
        lines = len(str(error).splitlines())
        outcome = "refused" if lines == 1 else f"a message of {lines} lines: {error}"
    except (Exception, Hang) as error:
        if show:
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        own = [
            one for one in traceback.extract_tb(error.__traceback__) if "iin_tf/" in one.filename
        ]
        place = (own or [place])[-1]
        outcome = f"{type(error).__name__}: {str(error)[:100]} ({place.filename}:{place.lineno})"
    return f"wrote {outside[0]}" if outside else outcome


def main(_):
    from fuzzing import SURFACES

    limited_memory(MEMORY)
    faults = 0
    for name in _SURFACES.value or SURFACES:
        start = time.monotonic()
        found = fuzz(
            name, SURFACES[name], _COUNT.value, _SEED.value, _FIRST.value, _TRACEBACK.value
        )
        bad = found.total() - found["accepted"] - found["refused"]
        faults += bad
        print(
            f"{name}: {found['refused']} refused, {found['accepted']} accepted, "
            f"{bad} faults, {time.monotonic() - start:.0f} s",
            flush=True,
        )
    return int(faults > 0)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    app.run(main)
