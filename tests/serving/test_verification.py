import os

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.serving.verification import TOLERANCE, VerificationError, verify


def test_every_signature_answers_as_the_network_in_a_fresh_process(version, network, endpoints):
    errors = verify(version, network)
    assert set(errors) == set(endpoints)
    assert 0 < max(errors.values()) <= TOLERANCE


def test_another_networks_export_is_found_out(version, network, latents):
    other = iin_tf.InterpretationNetwork(network.layout, blocks=3, hidden=16, depth=1, seed=1)
    other.adapt(latents)
    with pytest.raises(VerificationError, match="differs from the network by"):
        verify(version, other, batches=[3])


def test_a_damaged_version_is_found_out(network, tmp_path):
    version = iin_tf.export(network, tmp_path)
    (file,) = (version / "variables").glob("variables.data-*")
    file.write_bytes(b"")
    with pytest.raises(VerificationError, match="fails in a process of its own"):
        verify(version, network, batches=[1])


def test_a_missing_answer_is_found_out(network, tmp_path):
    module = tf.Module()
    module.transform = tf.function(
        lambda z: {"z_tilde": z, "more": z},
        input_signature=[tf.TensorSpec([None, 12], tf.float32, "z")],
    )
    path = tmp_path / "1"
    tf.saved_model.save(module, str(path), signatures={"transform": module.transform})
    with pytest.raises(VerificationError, match="transform differs from the network by inf"):
        verify(path, network, batches=[1])
    assert np.isfinite(network.log_prob(np.zeros((1, 12)))).all()


@pytest.mark.slow
def test_an_older_tensorflow_answers_as_the_network(version, network, staged):
    # A virtual environment with `pip install tensorflow==2.20.0` and nothing else.
    python = os.environ.get("IIN_TF_OLDER_PYTHON")
    if python is None:
        pytest.skip("IIN_TF_OLDER_PYTHON names no Python with an older TensorFlow")
    errors = verify(version, network, python=python)
    assert max(errors.values()) <= TOLERANCE
    path, stage = staged
    errors = verify(path, network, stage, python=python)
    assert {"swap_inputs", "erase_inputs", "interpolate_inputs", "response"} <= set(errors)
    assert max(errors.values()) <= TOLERANCE
