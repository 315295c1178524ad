"""What stage sizes has kept of its audit of the pairs, read by stage evaluate."""

import copy
from pathlib import Path

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import PairSampler, audit_pairs
from iin_tf.experiment.pair_audit import kept_audit

PATH = Path("runs/old/factor_sizes.json")


@pytest.fixture(scope="module")
def audit():
    # Three originals of five have views of several tones.
    labels = {"kind": np.repeat([0, 0, 1, 1, 1], 4), "tone": np.r_[0, 1, 1, 1, 2, [0] * 14, 1]}
    return audit_pairs(PairSampler(labels, ["kind"], source=np.repeat(np.arange(5), 4)), count=500)


def test_results_and_warnings_are_those_of_the_audit(audit):
    results, warnings = kept_audit(audit, PATH)
    values = {result.name: result.value for result in results}
    assert values["pairs/kind/originals"] == 5
    assert values["views/tone/differ"] == 3 / 5
    assert warnings == audit["warnings"]
    assert kept_audit(None, PATH) == ([], [])


@pytest.mark.parametrize("key", ["factors", "varying", "warnings"])
def test_an_audit_of_another_version_is_named_with_the_mend(audit, key):
    old = {name: value for name, value in audit.items() if name != key}
    with pytest.raises(InputError, match=rf"old/factor_sizes\.json .*'{key}'.*another --workdir"):
        kept_audit(old, PATH)
    inner = copy.deepcopy(audit)
    del inner["factors"]["kind"]["others"]
    with pytest.raises(InputError, match="'others'"):
        kept_audit(inner, PATH)
    with pytest.raises(InputError, match=r"factor_sizes\.json"):
        kept_audit(dict(audit, factors=3), PATH)
