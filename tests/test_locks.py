"""A directory has one writer, and a dead one holds nothing."""

import os
import re
import signal
import socket

import pytest

from iin_tf.checks import InputError
from iin_tf.locks import only_writer

HOLD = """
import sys, time
from iin_tf.locks import only_writer
with only_writer(sys.argv[1]):
    print("holds", flush=True)
    time.sleep(600)
"""


def test_a_second_writer_is_told_who_the_first_is(holder, tmp_path):
    said = re.escape(f"process {holder.pid} on {socket.gethostname()} since ")
    with pytest.raises(InputError, match=said), only_writer(tmp_path):
        pass
    # The refused one left the words of the first.
    assert str(holder.pid) in (tmp_path / ".lock").read_text()


def test_a_killed_writer_holds_nothing(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with only_writer(tmp_path):
        # Shorter than what stood there before, or not: nothing of that is left.
        assert (tmp_path / ".lock").read_text().startswith(f"process {os.getpid()} on ")
        assert str(holder.pid) not in (tmp_path / ".lock").read_text().split()


def test_it_is_let_go_at_the_end_and_after_an_error(tmp_path):
    for _ in range(2):
        with pytest.raises(KeyError), only_writer(tmp_path):
            raise KeyError
    with only_writer(tmp_path), pytest.raises(InputError), only_writer(tmp_path):
        pass
