"""With the flow frozen at the truth, held-out intervals cover the true correlation."""

import numpy as np

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.audits.correlation import correlation_metrics
from iin_tf.data import LatentStore, PairSampler, write_latents

LAYOUT = FactorLayout({"digit": 3}, residual=3)
GROUPS, PAIRS, SEEDS = 200, 1000, 20


def network(seed):
    """A flow that is not the identity, and is the same for equal seeds."""
    known = InterpretationNetwork(LAYOUT, blocks=2, hidden=16, depth=0, seed=seed, mixing="linear")
    known.adapt(np.random.default_rng(seed).normal(1, 2, size=(500, LAYOUT.latent_size)))
    return known


def held_out(directory, flow, rho, seed):
    """A store of groups of two examples, of which the digit blocks correlate by rho."""
    random = np.random.default_rng([seed, round(1000 * rho)])
    a, noise = random.normal(size=(2, GROUPS, LAYOUT.latent_size))
    shared = np.repeat([0.0, rho], LAYOUT.sizes)
    b = shared * a + np.sqrt(1 - shared**2) * noise
    z = flow.invert(np.concatenate([a, b])).numpy()
    # The posterior's noise would lower the correlation: it has none to speak of.
    labels = {"digit": np.tile(np.arange(GROUPS), 2)}
    write_latents(directory, z, np.full(z.shape, -40.0), labels, source=np.arange(2 * GROUPS))
    return LatentStore(directory)


def intervals(directory, rho, seeds=SEEDS):
    """Estimate, low and high of one run for each seed: [seeds, 3]."""
    flow, rows = network(seed=0), []
    for seed in range(seeds):
        store = held_out(directory / f"{rho}-{seed}", flow, rho, seed)
        # Every group is drawn five times: pairs are not independent, examples are.
        sampler = PairSampler(store.labels, ["digit"], source=store.source, seed=seed)
        found = correlation_metrics(flow, store, sampler, PAIRS, seed)
        result = found["correlation/digit"]
        rows.append([result.value, *result.interval])
    return np.array(rows)


def test_the_intervals_of_sixty_runs_cover_the_truth(tmp_path):
    covered, errors = 0, []
    for rho in (0.3, 0.8, 0.975):
        value, low, high = intervals(tmp_path, rho).T
        covered += int(np.sum((low <= rho) & (rho <= high)))
        errors.append(np.abs(value - rho))
        width = np.mean(high - low)
        print(f"rho {rho}: error {errors[-1].max():.4f} at most, interval {width:.4f} wide")
    print(f"{covered} of 60 intervals cover the truth")
    # Fewer than 53 of 60 have a probability of 0.8 % where each covers with 95 %.
    assert covered >= 53
    # At 0.3 the standard error is (1 - rho^2) / sqrt(1 + rho^2) / sqrt(3 GROUPS), a fifth more in
    # variance for draws with replacement: 0.04, and none of 60 is beyond four of these.
    assert np.max(errors) < 0.16


def test_intervals_that_took_pairs_for_independent_would_not(tmp_path):
    # What the resampling of examples is for: without it every pair drawn twice counts twice.
    flow, covered = network(seed=0), 0
    for seed in range(SEEDS):
        store = held_out(tmp_path / str(seed), flow, 0.8, seed)
        sampler = PairSampler(store.labels, ["digit"], source=store.source, seed=seed)
        a, b, _ = sampler.draw(PAIRS, step=0)
        digit = flow.factors(store.mean)["digit"].numpy()
        product = np.mean(digit[a] * digit[b], axis=1)
        wrong = 1.96 * product.std() / np.sqrt(PAIRS)
        covered += abs(product.mean() - 0.8) < wrong
    assert covered < 17
