"""Exchanged blocks, read by the rest of the model itself."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.inputs import (
    check_callable,
    check_network,
    latent_rows,
    read_labels,
    source_codes,
)
from iin_tf.audits.interchange import TOGETHER, differing_pairs
from iin_tf.checks import InputError
from iin_tf.results import Result, Results
from iin_tf.statistics import TwoWay, interval, means, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

_RESAMPLES = 1000


def head_metrics(
    network: "InterpretationNetwork",
    head: Callable[[np.ndarray, np.ndarray], Mapping[str, ArrayLike]],
    z: ArrayLike,
    source: ArrayLike | None = None,
    donors: int = 20,
    seed: int = 0,
) -> Results:
    """Whether the model's own class changes to the donor's when one block is exchanged.

    The class of an example is its `decisions`.  Every example receives block X from
    `donors` others, or from as many as there are, to which the model gives another class; the rest
    of the model goes on from the edited representation.

    Args:
      network: InterpretationNetwork.
      head: latents [B, N], and int [B], the row of `z` that each is an edit of -> mapping name of
        an output -> floats [B, C] or [B].
      z: float [n, N], held-out representations.
      source: whole numbers or texts [n], the original of each example; None where every example
        is an original.
      donors: drawn for each example, without replacement.
      seed: whole number.

    Returns:
      `Results`: `head/X/donor` and `/recipient`, fractions with 95 % intervals bootstrapped over
      the originals of both members.  They are of the first output that gives more than one class;
      outputs of several columns come before single ones.  Empty where there is none.

    Raises:
      InputError: latents that are not finite rows of N columns, or outputs of other lengths.
    """
    check_network(network, "swap")
    check_callable(head, "head")
    checks.whole(seed, "seed", 0)
    z = latent_rows(network, z, least=2)
    checks.whole(donors, "donors", 1)
    source, found = source_codes(source, len(z)), []
    outputs = _outputs(head, z, np.arange(len(z)))
    # Numbers beside a choice of several classes are seldom decisions.
    for name in sorted(outputs, key=lambda name: outputs[name].shape[1] == 1):
        classes = decisions(outputs[name])
        if len(np.unique(classes)) < 2:
            continue
        recipient, donor = _pairs(classes, source, donors, seed)
        plan = TwoWay(source[recipient], source[donor], _RESAMPLES, seed)
        for block in network.layout.names:
            after = _after(network, head, name, z, recipient, donor, block)
            scores = np.stack([after == classes[donor], after == classes[recipient]], axis=1)
            drawn = resampled(means(scores.astype(np.float64)), plan)
            low, high = interval(drawn[0], drawn[1:], "percentile")
            found += [
                Result(f"head/{{block}}/{role}", {"block": block},
                       drawn[0, k], (low[k], high[k]))
                for k, role in enumerate(("donor", "recipient"))
            ]  # fmt: skip
        break
    return Results(found)


def _after(network, head, name, z, recipient, donor, block):
    """The class int [pairs] that the output `name` gives after each exchange of a block."""
    found = []
    for start in range(0, len(recipient), TOGETHER):
        some = slice(start, start + TOGETHER)
        edited = np.asarray(network.swap(z[recipient[some]], z[donor[some]], [block]))
        found.append(decisions(_outputs(head, edited, recipient[some])[name]))
    return np.concatenate(found)


def decisions(outputs: np.ndarray) -> np.ndarray:
    """Decisions int [B] of outputs [B, C]: the largest one's place; of a single one, its sign."""
    return (outputs[:, 0] > 0).astype(int) if outputs.shape[1] == 1 else outputs.argmax(axis=1)


def _outputs(head, z, rows):
    """Mapping output -> its values [B, C] for each row of `z`; of outputs with positions, none."""
    outputs = {}
    for name, values in head(z, rows).items():
        values = checks.real_array(values, f"output {name!r} of head")
        if values.shape[:1] != (len(z),):
            raise InputError(
                f"output {name!r} of head has shape {values.shape} for {len(z)} latents; give one "
                "row a latent"
            )
        if values.ndim <= 2 and values.size:
            outputs[name] = values.reshape(len(values), -1)
    return outputs


def _pairs(classes, source, donors, seed):
    """Recipients and donors of another class and original."""
    labels = read_labels({"class": classes}, len(classes))
    possible = min(
        np.sum((classes != classes[row]) & (source != source[row])) for row in range(len(classes))
    )
    return differing_pairs(labels, source, min(donors, max(1, int(possible))), seed)
