"""Counts a process's operations on files, and makes one of them its last."""

import builtins
import os
import signal

from iin_tf import temporaries

# What changes the disk or its names; renameat2 is called through `_exchange`.
OPERATIONS = ("mkdir", "open", "write", "fsync", "replace", "rename", "unlink", "rmdir")


def counted(kill_at, moment, count):
    """Makes operation number `kill_at` of this process its last.

    `count` is a list of one number, which counts on from what it is.
    """

    def wrapped(real, name):
        def call(*arguments, **named):
            count[0] += 1
            if count[0] == kill_at:
                if moment == "middle" and name == "write":
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    # The kernel has what a killed process wrote: only power that fails needs the disk, at a price.
    os.fsync = lambda handle: None
    for name in OPERATIONS:
        setattr(os, name, wrapped(getattr(os, name), name))
    temporaries._exchange = wrapped(temporaries._exchange, "exchange")


def counted_opening(kill_at, count):
    """What Python opens to write is an operation too: what it then writes is out of reach."""
    real = builtins.open

    def call(file, mode="r", *arguments, **named):
        if set(mode) & set("wax+"):
            count[0] += 1
            if count[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return real(file, mode, *arguments, **named)

    builtins.open = call
