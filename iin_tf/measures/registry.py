"""The named measures, and how another one is added."""

import dataclasses
from collections.abc import Callable, Iterable

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.measures.dci import dci
from iin_tf.measures.dci_es import dci_es
from iin_tf.measures.downstream import downstream
from iin_tf.measures.explicitness import explicitness
from iin_tf.measures.gaussian import gaussian_scores
from iin_tf.measures.identifiability import identifiability
from iin_tf.measures.infomec import infomec
from iin_tf.measures.inputs import names_of
from iin_tf.measures.irs import irs
from iin_tf.measures.leakage import leakage
from iin_tf.measures.mcc import mcc
from iin_tf.measures.mig import jemmig, mig, mig_sup
from iin_tf.measures.modularity import modularity
from iin_tf.measures.sap import sap
from iin_tf.measures.tad import tad
from iin_tf.measures.unfairness import unfairness
from iin_tf.results import Kind, declare


@dataclasses.dataclass(frozen=True)
class Family:
    """One measure or close family.

    Attributes:
      compute: takes a `Study`, returns a list of results.
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


FAMILIES: dict[str, Family] = {}


def register(
    name: str,
    compute: Callable,
    kinds: Iterable[Kind] = (),
    *,
    codes: bool = True,
    blocks: bool = True,
    fits: bool = False,
    default: bool = True,
) -> None:
    """Makes a measure known to `disentanglement` under `name`.

    Args:
      name: what users ask for.
      compute: function of a `Study` to a list of results, made by `study.held_out`,
        `study.halved`, `study.refitted` or `study.measure`.
      kinds: `iin_tf.results.Kind`s of its results, with patterns "disentanglement/...", where
        they are not declared yet.
      codes: whether it is defined on single codes.
      blocks: whether it is defined by block, and does not change when a block is rotated.
      fits: whether it uses the protocol's estimator.
      default: whether it belongs to "default".

    Raises:
      InputError: a name that another measure has, or a `compute` that cannot be called.
    """
    if not isinstance(name, str) or not name or name in ("all", "default"):
        raise InputError(f"name is {checks.shown(name)}; give a text but 'all' and 'default'")
    if name in FAMILIES and FAMILIES[name].compute is not compute:
        raise InputError(f"name is {name!r}, which is a measure already; give another one")
    if not callable(compute):
        raise InputError(f"compute is {checks.shown(compute)}; give a function of a Study")
    settings = {"codes": codes, "blocks": blocks, "fits": fits, "default": default}
    settings = {key: checks.flag(value, key) for key, value in settings.items()}
    for kind in kinds:
        declare(kind)
    FAMILIES[name] = Family(compute, **settings)


def select(measures: str | Iterable[str], with_blocks: bool) -> dict[str, Family]:
    """Families by name for `measures`: "default", "all", or names.

    Raises:
      InputError: a name that is unknown or not defined with, or without, blocks.
    """
    usable = {
        name: family
        for name, family in FAMILIES.items()
        if (family.blocks if with_blocks else family.codes)
    }
    if isinstance(measures, str) and measures == "all":
        return usable
    if isinstance(measures, str) and measures == "default":
        return {name: family for name, family in usable.items() if family.default}
    names = names_of(measures, "measures")
    for name in names:
        if not isinstance(name, str) or name not in FAMILIES:
            raise InputError(f"measures names {checks.shown(name)}; choose from {list(FAMILIES)}")
        if name not in usable:
            kind = "by block" if with_blocks else "without blocks"
            raise InputError(
                f"measures names {name!r}, which is not defined {kind}; choose from {list(usable)}"
            )
    if not names:
        raise InputError(f"measures is empty; choose from {list(usable)}")
    return {name: usable[name] for name in names}


register("mig", mig)
register("mig_sup", mig_sup)
register("jemmig", jemmig, blocks=False)
register("sap", sap)
register("dci", dci, fits=True)
register("dci_es", dci_es, blocks=False, default=False)
register("modularity", modularity)
register("explicitness", explicitness)
register("infomec", infomec)
register("irs", irs)
register("tad", tad, blocks=False)
register("gaussian", gaussian_scores)
register("mcc", mcc)
register("identifiability", identifiability)
register("downstream", downstream, blocks=False, fits=True)
register("unfairness", unfairness, blocks=False, fits=True)
register("leakage", leakage, codes=False)
