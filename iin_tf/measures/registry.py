"""The named measures."""

import dataclasses
from collections.abc import Callable

from iin_tf.measures.dci import dci
from iin_tf.measures.dci_es import dci_es
from iin_tf.measures.downstream import downstream
from iin_tf.measures.explicitness import explicitness
from iin_tf.measures.gaussian import gaussian_scores
from iin_tf.measures.identifiability import identifiability
from iin_tf.measures.infomec import infomec
from iin_tf.measures.irs import irs
from iin_tf.measures.leakage import leakage
from iin_tf.measures.mcc import mcc
from iin_tf.measures.mig import jemmig, mig, mig_sup
from iin_tf.measures.modularity import modularity
from iin_tf.measures.sap import sap
from iin_tf.measures.tad import tad
from iin_tf.measures.unfairness import unfairness


@dataclasses.dataclass(frozen=True)
class Family:
    """One measure or close family.

    Attributes:
      compute: takes a `Study`, returns a list of `Measure`s.
      codes: whether it is defined on single codes.
      blocks: whether it is defined by block (and does not change under rotation inside).
      fits: whether it uses the protocol's estimator.
      default: whether it belongs to "default".
    """

    compute: Callable
    codes: bool = True
    blocks: bool = True
    fits: bool = False
    default: bool = True


FAMILIES = {
    "mig": Family(mig),
    "mig_sup": Family(mig_sup),
    "jemmig": Family(jemmig, blocks=False),
    "sap": Family(sap),
    "dci": Family(dci, fits=True),
    "dci_es": Family(dci_es, blocks=False, default=False),
    "modularity": Family(modularity),
    "explicitness": Family(explicitness),
    "infomec": Family(infomec),
    "irs": Family(irs),
    "tad": Family(tad, blocks=False),
    "gaussian": Family(gaussian_scores),
    "mcc": Family(mcc),
    "identifiability": Family(identifiability),
    "downstream": Family(downstream, blocks=False, fits=True),
    "unfairness": Family(unfairness, blocks=False, fits=True),
    "leakage": Family(leakage, codes=False),
}


def select(metrics, with_blocks):
    """Families by name for `metrics`: "default", "all", or names.

    Raises:
      ValueError: for a name that is unknown or not defined with, or without, blocks.
    """
    usable = {
        name: family
        for name, family in FAMILIES.items()
        if (family.blocks if with_blocks else family.codes)
    }
    if isinstance(metrics, str) and metrics == "all":
        return usable
    if isinstance(metrics, str) and metrics == "default":
        return {name: family for name, family in usable.items() if family.default}
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in names:
        if name not in FAMILIES:
            raise ValueError(f"metrics names {name!r}: choose from {list(FAMILIES)}")
        if name not in usable:
            kind = "by block" if with_blocks else "without blocks"
            raise ValueError(f"metrics: {name!r} is not defined {kind}; choose from {list(usable)}")
    if not names:
        raise ValueError(f"metrics is empty: choose from {list(usable)}")
    return {name: usable[name] for name in names}
