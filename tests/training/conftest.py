"""Training tests do not wait for the disk."""

import os

import pytest


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch):
    # The kernel has what a process wrote, whatever becomes of the process: only a machine that
    # loses power needs the disk, and to wait for it takes longer than all else here.
    monkeypatch.setattr(os, "fsync", lambda handle: None)
