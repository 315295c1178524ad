"""TF_CONFIG from what Slurm tells the tasks of a step; TensorFlow's own resolver asks for GPUs."""

import itertools
import json
import re
from collections.abc import Mapping

from iin_tf.checks import InputError, shown

# Without reserved ports: of these, by the job's number; Linux gives out those from 32,768 on.
_FIRST_PORT, _PORTS = 10_000, 20_000
_COUNT = re.compile(r"(\d+)(?:\(x(\d+)\))?")
_PART = re.compile(r"[^,\[\]]*(?:\[[\d,\-]+\][^,\[\]]*)*")


def tf_config_of_slurm(environment: Mapping[str, str]) -> str | None:
    """TF_CONFIG of this task of a Slurm step; None where the environment is of none.

    One worker is one task, in Slurm's order of blocks; the first is the chief.

    Args:
      environment: of a process that srun started.

    Raises:
      InputError: variables that contradict each other, or tasks in another order.

    Source: https://slurm.schedmd.com/srun.html, output environment variables.
    """
    nodes = environment.get("SLURM_STEP_NODELIST")
    if nodes is None:
        return None
    order = environment.get("SLURM_DISTRIBUTION", "block")
    if order.split(",")[0].split(":")[0] not in ("block", "unknown"):
        raise InputError(f"SLURM_DISTRIBUTION is {order!r}; start the tasks by srun -m block")
    hosts = expand_hosts(nodes)
    counts = expand_counts(_variable(environment, "SLURM_STEP_TASKS_PER_NODE"))
    tasks = _number(environment, "SLURM_STEP_NUM_TASKS")
    rank = _number(environment, "SLURM_PROCID")
    if len(hosts) != len(counts) or sum(counts) != tasks or rank >= tasks:
        raise InputError(
            f"Slurm says that this is task {rank} of {tasks}, {counts} of them on {hosts}, which "
            "contradicts itself; start the workers by srun"
        )
    port = _first_port(environment, max(counts))
    workers = [
        f"{host}:{port + place}"
        for host, count in zip(hosts, counts, strict=True)
        for place in range(count)
    ]
    task = {"type": "worker", "index": rank}
    return json.dumps({"cluster": {"worker": workers}, "task": task})


def expand_hosts(text: str) -> list[str]:
    """The hosts that Slurm writes as "node[01-03,7],login": node01, node02, node03, node7, login.

    Raises:
      InputError: another form.
    """
    hosts: list[str] = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        assert found is not None  # it matches the empty text
        at = found.end()
        if not found[0] or text[at : at + 1] not in ("", ","):
            raise _no_hosts(text)
        hosts += _expanded(found[0], text)
        at += 1
    if not hosts or text.endswith(","):
        raise _no_hosts(text)
    return hosts


def expand_counts(text: str) -> list[int]:
    """The tasks of each node that Slurm writes as "2(x3),1": 2, 2, 2, 1.

    Raises:
      InputError: another form.
    """
    counts: list[int] = []
    for part in text.split(","):
        found = _COUNT.fullmatch(part)
        if found is None:
            raise InputError(f"SLURM_STEP_TASKS_PER_NODE is {shown(text)}; 2(x3),1 is its form")
        counts += [int(found[1])] * int(found[2] or 1)
    return counts


def _expanded(part, text):
    pieces = re.split(r"(\[[^\]]*\])", part)
    choices = [_range(piece[1:-1], text) if piece[:1] == "[" else [piece] for piece in pieces]
    return ["".join(one) for one in itertools.product(*choices)]


def _range(text, whole):
    """The numbers of "01-03,7", as wide as they are written."""
    for part in text.split(","):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
            raise _no_hosts(whole)
        for number in range(int(first), int(last) + 1):
            yield f"{number:0{len(first)}}"


def _no_hosts(text):
    return InputError(f"SLURM_STEP_NODELIST is {shown(text)}; node[01-03,7],login is its form")


def _first_port(environment, most):
    reserved = environment.get("SLURM_STEP_RESV_PORTS")
    if reserved:
        first, _, last = reserved.split(",")[0].partition("-")
        if int(last or first) - int(first) + 1 >= most:
            return int(first)
    return _FIRST_PORT + _number(environment, "SLURM_JOB_ID") * 16 % _PORTS


def _variable(environment, name):
    if name not in environment:
        raise InputError(f"{name} is not set beside SLURM_STEP_NODELIST; start the workers by srun")
    return environment[name]


def _number(environment, name):
    text = _variable(environment, name)
    if not text.isdecimal():
        raise InputError(f"{name} is {shown(text)}; Slurm gives a whole number")
    return int(text)
