#!/usr/bin/env python3
"""Encodes in shards that Ray spreads over a cluster, and puts them together.

    pip install "ray>=2.60,<3"
    python examples/ray_shards.py CONFIG WORKDIR 8

Every machine sees WORKDIR.  A shard is a process of its own, which Ray starts again where it or
its machine dies; it then goes on where it was.
"""

import subprocess
import sys

import ray

# Of iin_tf's programs: a wrong input and a failure are the same at the next try.
_NOT_AGAIN = (1, 2)


class Failed(Exception):
    """A shard that no retry mends."""


@ray.remote(max_retries=20, retry_exceptions=[subprocess.CalledProcessError])
def encode(config: str, workdir: str, shard: str) -> str:
    """Encodes one shard; gives what it printed."""
    command = ["iin_encode", f"--config={config}", f"--workdir={workdir}", f"--shard={shard}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode in _NOT_AGAIN:
        raise Failed(done.stderr)
    done.check_returncode()
    return done.stdout


def main(config: str, workdir: str, count: str) -> None:
    """Encodes `count` shards, then merges."""
    ray.init()
    shards = [encode.remote(config, workdir, f"{index}/{count}") for index in range(int(count))]
    for text in ray.get(shards):
        print(text, end="")
    merge = ["iin_encode", f"--config={config}", f"--workdir={workdir}", "--merge"]
    subprocess.run(merge, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
