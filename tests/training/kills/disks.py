"""Full and read-only disks at every stage: in memory; to mount them takes rights."""

import collections
import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from child import Child
from contents import contents, half_written, strays
from stages import stage_work, undisturbed

COLUMNS = (
    "full", "one line, exit code 2", "read-only", "one line, exit code 2 ", "bit-equal after",
    "half written", "strays",
)  # fmt: skip
# Of what a stage adds, the part that there is room for.
_ROOM = (0.0, 0.3, 0.6, 0.9)
_BLOCK = 4096


def try_disks(stages):
    """Stage -> counts by column."""
    table = {}
    with tempfile.TemporaryDirectory(prefix="iin_disks") as root:
        known = undisturbed(Path(root), stages)
        for stage in stages:
            before, expected = known[stage][:2]
            after = _after(Path(root), stage, before)
            counts = collections.Counter()
            for part in _ROOM:
                room = _size(before) + part * (_size(after) - _size(before))
                _full(Path(root), stage, before, expected, int(room), counts)
            _read_only(Path(root), stage, before, expected, counts)
            table[stage] = counts
            print(stage, dict(counts), flush=True)
    return table


def _after(root, stage, before):
    """The folder with the most that the stage ever held, near enough: what it is in the end."""
    after = root / "after"
    shutil.rmtree(after, ignore_errors=True)
    shutil.copytree(before, after)
    Child(stage_work(stage), after)
    (after / "log").unlink()
    return after


def _size(directory):
    """What a file system in memory takes for it."""
    return sum(_BLOCK * -(-path.lstat().st_size // _BLOCK) for path in directory.rglob("*"))


def _full(root, stage, before, expected, room, counts):
    with _mounted(root / "disk") as disk:
        shutil.copytree(before, disk, dirs_exist_ok=True)
        # Not nothing, which means no limit.  What is said goes elsewhere.
        blocks = max(room, _size(before), _BLOCK) // _BLOCK
        _mount(disk, f"remount,size={blocks * _BLOCK}")
        code, said = _run(root, stage, disk)
        counts["full"] += code != 0
        counts[COLUMNS[1]] += code == 2 and said
        counts["half written"] += len(half_written(disk))
        _mount(disk, "remount,size=1G")
        _go_on(root, stage, disk, expected, counts)


def _read_only(root, stage, before, expected, counts):
    with _mounted(root / "disk") as disk:
        shutil.copytree(before, disk, dirs_exist_ok=True)
        _mount(disk, "remount,ro")
        code, said = _run(root, stage, disk)
        counts["read-only"] += code != 0
        counts[COLUMNS[3]] += code == 2 and said
        _mount(disk, "remount,rw")
        _go_on(root, stage, disk, expected, counts)


def _run(root, stage, disk):
    """Exit code, and whether one line said what is wrong."""
    log = root / "log"
    log.unlink(missing_ok=True)
    child = Child(stage_work(stage), disk, log=log)
    lines = log.read_text().splitlines()
    if child.code == 1:
        print(stage, *lines[-12:], sep="\n", flush=True)
    return child.code, bool(lines) and lines[-1].startswith("error: ")


def _go_on(root, stage, disk, expected, counts):
    code, _ = _run(root, stage, disk)
    found = contents(disk)
    differs = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    counts["bit-equal after"] += code == 0 and not differs
    counts["strays"] += len(strays(disk))
    if differs:
        print(stage, code, "differs in", differs[:5], flush=True)


@contextlib.contextmanager
def _mounted(disk):
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1G", "iin_disks", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def _mount(disk, options):
    subprocess.run(["mount", "-o", options, disk], check=True)


def as_table(table):
    """Markdown, and whether anything went wrong."""
    lines = [f"| stage | {' | '.join(COLUMNS)} |", "| --- " * (1 + len(COLUMNS)) + "|"]
    wrong = False
    for stage, counts in table.items():
        lines.append(f"| {stage} | {' | '.join(str(counts[name]) for name in COLUMNS)} |")
        wrong |= counts["full"] != counts[COLUMNS[1]] or counts["read-only"] != counts[COLUMNS[3]]
        wrong |= counts["bit-equal after"] < len(_ROOM) + 1 or counts["half written"] > 0
        wrong |= counts["strays"] > 0
    return "\n".join(lines), wrong
