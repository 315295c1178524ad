"""A learned correlation, trained together with the flow, finds the truth."""

import keras
import numpy as np
import pytest

from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork

LAYOUT = FactorLayout({"digit": 3}, residual=3)
N, PAIRS, BATCH, EPOCHS, SEEDS = LAYOUT.latent_size, 20_000, 250, 12, 20


def pairs(rho, seed):
    """Pairs that share the digit, seen through a flow that nobody knows."""
    random = np.random.default_rng(seed)
    a, noise = random.normal(size=(2, PAIRS, N))
    shared = np.repeat([0.0, rho], LAYOUT.sizes)
    b = shared * a + np.sqrt(1 - shared**2) * noise
    truth = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=seed)
    truth.adapt(random.normal(size=(500, N)))
    return truth.invert(a).numpy(), truth.invert(b).numpy()


def learned(rho, seed):
    network = InterpretationNetwork(
        LAYOUT,
        blocks=2,
        hidden=32,
        depth=0,
        seed=1000 + seed,
        correlation="learned",
        mixing="linear",
    )
    steps = EPOCHS * PAIRS // BATCH
    network.compile(FusedAdam(keras.optimizers.schedules.PolynomialDecay(0.01, steps)))
    keras.utils.set_random_seed(seed)
    shared = np.full(PAIRS, LAYOUT.index("digit"))
    network.fit(pairs(rho, seed), shared, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return float(network.correlation[LAYOUT.index("digit")])


# Some ten seconds for each seed.
@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.3, 0.8, 0.975])
def test_trained_jointly_its_error_is_small(rho):
    errors = np.abs([learned(rho, seed) - rho for seed in range(SEEDS)])
    print(f"rho {rho}: error at most {errors.max():.4f}, on average {errors.mean():.4f}")
    # Of 60,000 pairs of numbers the sample's own rho deviates by 0.004 at most.
    assert errors.max() <= 0.02
