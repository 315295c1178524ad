"""Unfairness of a decision before and after one block is the same for everybody."""

import dataclasses

import numpy as np

from iin_tf import algebra, checks
from iin_tf.audits.outputs import ROWS, held_rows
from iin_tf.measures.sample import check_factors
from iin_tf.measures.unfairness import FAIRNESS, unfairness_of_counts
from iin_tf.results.markdown import markdown
from iin_tf.statistics.intervals import bootstrap_weights, centred_interval

_MEASURES = ("unfairness/mean", "unfairness/maximum")


@dataclasses.dataclass(frozen=True)
class FixedBlock:
    """What fixing a block does to a decision; see `unfairness_of_fixing`.

    Attributes:
      block: its name.
      before, after, change: mapping measure -> (value, low, high), `change` = after - before.
        Measures: "unfairness/mean", "unfairness/maximum", and "accuracy" where the truth was given.
      chance: mapping of both unfairness measures -> the mean value when the sensitive labels are
        permuted: what a fair decision would get at these sizes.
      changed: fraction of decisions that the fixing changed.
      protocol: value of the block, seed, resamples, level, sizes, source.
    """

    block: str
    before: dict
    after: dict
    change: dict
    chance: dict
    changed: float
    protocol: dict

    def as_table(self):
        """Markdown: a row for each measure."""
        percent = f"{100 * self.protocol['level']:g} %"
        header = ["measure", "before", f"{self.block} fixed", f"change ({percent})", "chance"]
        rows = []
        for name, (value, low, high) in self.change.items():
            chance = f"{self.chance[name]:.3f}" if name in self.chance else ""
            before, after = self.before[name][0], self.after[name][0]
            between = f"{value:+.3f} ({low:+.3f} to {high:+.3f})"
            rows.append([name, f"{before:.3f}", f"{after:.3f}", between, chance])
        return markdown(header, rows)


def unfairness_of_fixing(
    network,
    z,
    decision,
    sensitive,
    block,
    donor=None,
    truth=None,
    seed=0,
    *,
    resamples=1000,
    level=0.95,
):
    """Unfairness of a decision towards a sensitive label, before and after a block is fixed.

    Unfairness is the total variation between the decisions in each group and everybody's
    (`unfairness_of_counts`).  Afterwards every example has the same block: the mean of its
    distribution, 0, or the donor's.

    Intervals resample examples, before and after together, centred as the plug-in estimate is
    biased upwards; `chance` says by how much.

    Args:
      network: InterpretationNetwork.
      z: float [n, N], held-out examples.
      decision: latents (array [B, N]) -> whole numbers or bools [B], the predicted class.
      sensitive: whole numbers [n], the sensitive label.
      block: name of the block to fix.
      donor: float [N], a latent that gives its block to all; None for the block's mean.
      truth: whole numbers [n], what the decision should be, for its accuracy; None for none.
      seed: whole number.
      resamples: bootstrap draws, and permutations behind `chance`.
      level: coverage of the intervals.

    Returns:
      `FixedBlock`.

    Raises:
      ValueError: lengths that differ, an unknown block, one sensitive value only or with one
        example, rows of the wrong width or not finite, a decision that is no class.

    Source: Locatello et al. (2019, fairness), section 3, for unfairness.
    """
    checks.whole(resamples, "resamples", 20)
    checks.fraction(level, "level")
    network.layout.index(block)
    z_tilde = held_rows(network, z)
    sensitive = _labels("sensitive", sensitive, len(z_tilde))
    group = check_factors(sensitive[:, None], len(z_tilde), (), ["sensitive"])[0]
    if truth is not None:
        truth = _labels("truth", truth, len(z_tilde))
    fixed = _fixed(network, z_tilde, donor, block)
    decided = [_decisions(network, decision, rows) for rows in (z_tilde, fixed)]
    classes, numbers = np.unique(np.stack(decided), return_inverse=True)
    numbers = numbers.reshape(2, -1)
    random = np.random.default_rng(seed)
    weights = bootstrap_weights(len(z_tilde), resamples, random)
    weights = np.concatenate([np.ones((1, len(z_tilde))), weights])
    sizes = (group.count, len(classes))
    found = np.stack([_unfairness(group.levels, one, sizes, weights) for one in numbers])
    names, bounds = list(_MEASURES), (0, 1)
    if truth is not None:
        correct = np.stack([one == truth for one in decided]).astype(np.float64)
        accuracy = correct @ weights.T / len(z_tilde)
        found, names = np.concatenate([found, accuracy[:, None]], axis=1), [*names, "accuracy"]

    def summary(values, bounds):
        return {
            name: (float(one[0]), *centred_interval(one[0], one[1:], level, bounds))
            for name, one in zip(names, values, strict=True)
        }

    return FixedBlock(
        block=block,
        before=summary(found[0], bounds),
        after=summary(found[1], bounds),
        change=summary(found[1] - found[0], (-1, 1)),
        chance=_chance(group.levels, numbers[1], sizes, resamples, random),
        changed=float(np.mean(numbers[0] != numbers[1])),
        protocol={
            "value": "mean" if donor is None else "donor",
            "examples": len(z_tilde),
            "seed": seed,
            "resamples": resamples,
            "level": level,
            "interval": "resampled examples, centred",
            "source": FAIRNESS,
        },
    )


def _fixed(network, z_tilde, donor, block):
    """`z_tilde` with one value of the block for everybody."""
    if donor is None:
        return algebra.erase(network.layout, z_tilde, block, by="mean")
    donor = np.asarray(donor)
    if donor.ndim != 1:
        raise ValueError(f"donor has shape {donor.shape}; give one latent, [N]")
    donor_tilde = network.transform(donor[None]).numpy()
    return algebra.exchange(network.layout, z_tilde, donor_tilde, block)


def _decisions(network, decision, z_tilde):
    parts = []
    for start in range(0, len(z_tilde), ROWS):
        rows = z_tilde[start : start + ROWS]
        values = np.asarray(decision(network.invert(rows).numpy()))
        if values.shape != (len(rows),) or values.dtype.kind not in "iub":
            raise ValueError(
                f"decision returned shape {values.shape} and dtype {values.dtype} for {len(rows)} "
                "latents; give one class a latent, whole numbers or bools [B]"
            )
        parts.append(values.astype(np.int64))
    return np.concatenate(parts)


def _labels(name, values, count):
    values = np.asarray(values)
    if values.shape != (count,) or values.dtype.kind not in "iub":
        raise ValueError(
            f"{name} has shape {values.shape} and dtype {values.dtype}; give whole numbers or "
            f"bools [{count}], one an example"
        )
    return values


def _unfairness(groups, decided, sizes, weights):
    """Mean and maximal unfairness under each row of weights, [2, R]."""
    cells = np.eye(sizes[0] * sizes[1])[groups * sizes[1] + decided]
    return np.stack(unfairness_of_counts((weights @ cells).reshape(len(weights), *sizes)))


def _chance(groups, decided, sizes, permutations, random):
    ones = np.ones((1, len(groups)))
    null = [
        _unfairness(random.permutation(groups), decided, sizes, ones)[:, 0]
        for _ in range(permutations)
    ]
    return dict(zip(_MEASURES, map(float, np.mean(null, axis=0)), strict=True))
