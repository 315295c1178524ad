"""What several tests of experiments share."""

import numpy as np
import pandas
import pytest
from by_hand import latents_config


@pytest.fixture(scope="session")
def two_factors(tmp_path_factory):
    """A folder with z.npy and l.csv: of 24 dimensions `speaker` moves three, and `style` one."""
    folder = tmp_path_factory.mktemp("two_factors")
    random = np.random.default_rng(0)
    labels = {"speaker": random.integers(4, size=2000), "style": random.integers(2, size=2000)}
    z = random.normal(size=(2000, 24))
    z[:, :3] += 6 * np.eye(4)[labels["speaker"]][:, :3]
    z[:, 3] += 6 * labels["style"]
    np.save(folder / "z.npy", z @ np.linalg.qr(random.normal(size=(24, 24)))[0])
    pandas.DataFrame({"id": np.arange(2000), **labels}).to_csv(folder / "l.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def two_factors_config(two_factors):
    """The config of `two_factors`; who changes it changes a copy."""
    config = latents_config()
    config.data.update(
        path=str(two_factors / "z.npy"),
        labels=str(two_factors / "l.csv"),
        factors=("speaker", "style"),
    )
    return config
