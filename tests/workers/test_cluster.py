"""Who the workers of a training are, from TF_CONFIG and from Slurm's variables; worked by hand."""

import json

import pytest

from iin_tf.checks import InputError
from iin_tf.workers.cluster import cluster_of
from iin_tf.workers.slurm import expand_counts, expand_hosts, tf_config_of_slurm

STEP = {
    "SLURM_JOB_ID": "4711",
    "SLURM_STEP_NODELIST": "node[01-02],big7",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2),1",
    "SLURM_STEP_NUM_TASKS": "5",
    "SLURM_PROCID": "3",
}


def tf_config(workers=("a:1", "b:1"), kind="worker", index=0, **more):
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": {"worker": workers, **more}, "task": task})}


@pytest.mark.parametrize(
    ("environment", "addresses", "rank"),
    [
        (tf_config(), ("a:1", "b:1"), 0),
        (tf_config(index=1), ("a:1", "b:1"), 1),
        (tf_config(index=1, chief=["c:9"]), ("c:9", "a:1", "b:1"), 2),
        (tf_config(kind="chief", chief=["c:9"]), ("c:9", "a:1", "b:1"), 0),
        # TF_CONFIG is what the user says.
        (tf_config() | STEP, ("a:1", "b:1"), 0),
    ],
)
def test_the_chief_comes_first(environment, addresses, rank):
    found = cluster_of(environment)
    assert (found.addresses, found.rank, found.is_chief) == (addresses, rank, rank == 0)
    assert found.tf_config == environment["TF_CONFIG"]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "TF_CONFIG is not set, and this is no step of Slurm; set it"),
        ({"TF_CONFIG": "{"}, "TF_CONFIG is no JSON"),
        ({"TF_CONFIG": "[]"}, "TF_CONFIG has no object 'cluster'"),
        ({"TF_CONFIG": '{"cluster": {}}'}, "TF_CONFIG has no object 'task'"),
        (tf_config(["a:1", "b:1", "a:1"]), "TF_CONFIG names 'a:1' twice"),
        (tf_config(chief=["b:1"]), "TF_CONFIG names 'b:1' twice"),
        (tf_config(chief=["b:1", "c:1"]), "TF_CONFIG has 2 chiefs"),
        (tf_config(["a", "b:1"]), r"TF_CONFIG has \['a', 'b:1'\] as 'worker'; give a list"),
        (tf_config("a:1"), "TF_CONFIG has 'a:1' as 'worker'; give a list of 'host:port'"),
        (tf_config(index=2), "task 2 of type 'worker', of which its cluster has 2"),
        (tf_config(index=-1), "task -1 of type 'worker', of which its cluster has 2"),
        (tf_config(index="0"), "task '0' of type 'worker', of which its cluster has 2"),
        (tf_config(kind="chief"), "task 0 of type 'chief', of which its cluster has 0"),
        (tf_config(ps=["p:1"]), "TF_CONFIG has tasks of type 'ps'"),
    ],
)
def test_what_cannot_be_right_is_said_on_one_line(environment, said):
    with pytest.raises(InputError, match=said) as error:
        cluster_of(environment)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("login", ["login"]),
        ("node[01-03,7],login", ["node01", "node02", "node03", "node7", "login"]),
        ("n[8-11]", ["n8", "n9", "n10", "n11"]),
        ("r[1-2]n[1,3]x", ["r1n1x", "r1n3x", "r2n1x", "r2n3x"]),
        ("a1,a2", ["a1", "a2"]),
        ("[098-100]", ["098", "099", "100"]),
    ],
)
def test_hosts_are_expanded(text, hosts):
    assert expand_hosts(text) == hosts


@pytest.mark.parametrize(
    "text", ["", "a,", "a,,b", "n[3-1]", "n[1-", "n]", "n[a-b]", "n[]", "n[1-]"]
)
def test_a_list_of_no_hosts_is_refused(text):
    with pytest.raises(InputError, match="SLURM_STEP_NODELIST is "):
        expand_hosts(text)


def test_counts_are_expanded():
    assert expand_counts("2(x3),1") == [2, 2, 2, 1]
    with pytest.raises(InputError, match="SLURM_STEP_TASKS_PER_NODE is '2x3'"):
        expand_counts("2x3")


def test_a_step_of_slurm_is_a_cluster():
    # 10,000 and, of each job, 16 ports of its own: 4711 * 16 = 75,376 = 3 * 20,000 + 15,376.
    workers = ["node01:25376", "node01:25377", "node02:25376", "node02:25377", "big7:25376"]
    found = json.loads(tf_config_of_slurm(STEP))
    assert found == {"cluster": {"worker": workers}, "task": {"type": "worker", "index": 3}}
    assert cluster_of(STEP).rank == 3
    reserved = json.loads(tf_config_of_slurm({**STEP, "SLURM_STEP_RESV_PORTS": "12000-12001"}))
    assert reserved["cluster"]["worker"][1] == "node01:12001"
    few = json.loads(tf_config_of_slurm({**STEP, "SLURM_STEP_RESV_PORTS": "12000"}))
    assert few == found
    assert tf_config_of_slurm({"SLURM_JOB_ID": "4711"}) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SLURM_PROCID": "5"}, "task 5 of 5, .* contradicts itself"),
        ({"SLURM_STEP_NUM_TASKS": "4"}, r"of 4, \[2, 2, 1\] .* contradicts itself"),
        ({"SLURM_STEP_TASKS_PER_NODE": "5"}, "contradicts itself"),
        ({"SLURM_PROCID": "x"}, "SLURM_PROCID is 'x'"),
        ({"SLURM_DISTRIBUTION": "cyclic"}, "SLURM_DISTRIBUTION is 'cyclic'"),
    ],
)
def test_a_step_that_contradicts_itself_is_refused(changed, said):
    with pytest.raises(InputError, match=said):
        tf_config_of_slurm({**STEP, **changed})


def test_a_variable_that_is_missing_is_named():
    with pytest.raises(InputError, match="SLURM_PROCID is not set beside SLURM_STEP_NODELIST"):
        tf_config_of_slurm({name: STEP[name] for name in STEP if name != "SLURM_PROCID"})
