"""A model in a process of its own, as the recipes for PyTorch and JAX have it."""

import importlib
import os
import sys

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.first_stages import FunctionFirstStage, in_own_process

MODULE = """
import functools, os, sys
import numpy as np

@functools.cache
def matrix():
    return np.arange(12.0).reshape(4, 3)

def encode(x):
    return x @ matrix()

def head(z):
    return np.maximum(z, 0)

def where(x):
    return os.getpid(), "tensorflow" in sys.modules, matrix() is matrix()
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "model_of_others.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("model_of_others")
    sys.modules.pop("model_of_others")


def test_encode_and_head_run_there_and_tensorflow_does_not(module):
    x = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    stage = FunctionFirstStage(
        in_own_process(module.encode), head=in_own_process(module.head), latent_size=3, noise=0.1
    )
    stage.adapt(x)
    z, _ = stage.encode(x)
    np.testing.assert_allclose(z, x @ module.matrix(), rtol=1e-6)
    np.testing.assert_array_equal(stage.head(z), np.maximum(z, 0))
    process, has_tensorflow, loaded_once = in_own_process(module.where)(x)
    assert process != os.getpid()
    assert not has_tensorflow
    assert loaded_once


def test_what_another_process_cannot_import_is_said():
    with pytest.raises(InputError, match="another process cannot import; put it at the top level"):
        in_own_process(lambda x: x)
    with pytest.raises(InputError, match="function is 3; give a function"):
        in_own_process(3)
