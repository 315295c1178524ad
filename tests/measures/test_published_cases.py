"""The published small cases: 10 independent integer factors from 1 to 10.

Bands and sample sizes are those that the large study's own tests use: 3,000 rows; DCI 1,000 +
1,000; modularity's permuted rows 20,000.
"""

import numpy as np
import pytest

from iin_tf.measures import Protocol, disentanglement

FAST = "hist_gradient_boosting"


def factors_of(rows):
    return np.random.default_rng(0).integers(1, 11, (rows, 10))


def identity(factors):
    return factors.astype(float)


def zeros(factors):
    return np.zeros(factors.shape)


def duplicated(factors):
    return np.hstack([factors, factors]).astype(float)


def permuted(factors):
    return np.random.default_rng(1).permuted(factors, axis=1).astype(float)


def value(name, codes_of, rows, **settings):
    """The measure `name` on one of the cases; continuous=True declares every factor so."""
    factors = factors_of(rows)
    continuous = range(10) if settings.pop("continuous", False) else ()
    protocol = Protocol(**{"resamples": 20, "refits": 0, **settings})
    result = disentanglement(
        codes_of(factors),
        factors,
        [name.split("/")[0]],
        continuous=continuous,
        protocol=protocol,
    )
    return result[name].value


@pytest.mark.parametrize(
    ("name", "codes_of", "low", "high"),
    [
        ("mig", identity, 0.9, 1.0),
        ("mig", zeros, 0.0, 0.2),
        ("mig", duplicated, 0.0, 0.1),
        ("mig_sup", identity, 0.9, 1.0),
        ("mig_sup", zeros, 0.0, 0.0),
        ("mig_sup", duplicated, 0.9, 1.0),
        ("jemmig", identity, 0.9, 1.0),
        ("modularity", identity, 0.9, 1.0),
        ("modularity", duplicated, 0.9, 1.0),
        ("modularity", zeros, 0.0, 0.0),
        ("irs", identity, 0.9, 1.0),
        ("irs", zeros, 0.0, 0.1),
        ("infomec/infom", identity, 0.9, 1.0),
        ("infomec/infoc", identity, 0.9, 1.0),
        ("infomec/infoe", identity, 0.9, 1.0),
        ("infomec/infom", zeros, 0.0, 0.0),
        ("infomec/infoc", zeros, 0.0, 0.0),
        ("infomec/infoe", zeros, 0.0, 0.0),
        ("explicitness", identity, 0.9, 1.0),
        ("explicitness", zeros, 0.5, 0.5),
        ("mcc/strong", identity, 0.999, 1.0),
        ("mcc/strong", duplicated, 0.999, 1.0),
        ("mcc/strong", zeros, 0.0, 0.0),
        ("mcc/weak", identity, 0.999, 1.0),
        ("mcc/weak", zeros, 0.0, 0.0),
    ],
)
def test_at_3000_rows(name, codes_of, low, high):
    # One part in 1e12 for rounding at the exact ends.
    assert low - 1e-12 <= value(name, codes_of, 3_000) <= high + 1e-12


@pytest.mark.parametrize(
    ("codes_of", "low", "high"), [(identity, 0.9, 1.0), (zeros, 0.0, 0.2), (duplicated, 0.0, 0.2)]
)
def test_sap_with_factors_declared_continuous(codes_of, low, high):
    assert low <= value("sap", codes_of, 3_000, continuous=True) <= high


def test_modularity_of_permuted_rows_at_20000():
    assert value("modularity", permuted, 20_000, train=20_000, bins=10) <= 0.2


def check_dci(estimator):
    names = ("dci/disentanglement", "dci/completeness")
    settings = {"estimator": estimator, "train": 1_000, "test": 1_000}
    found = {
        codes_of.__name__: [value(name, codes_of, 2_000, **settings) for name in names]
        for codes_of in (identity, permuted, duplicated)
    }
    assert min(found["identity"]) >= 0.9
    assert max(found["permuted"]) <= 0.2
    assert found["duplicated"][0] >= 0.9
    # 1 - ln 2 / ln 20 = 0.769 in the limit.
    assert 0.599 <= found["duplicated"][1] <= 0.799


def test_dci_with_the_fast_trees_on_fewer_factors():
    # 600 train rows and 4 factors: noise splits weigh more than at the published sizes, which
    # the slow tests hold to the published bands.
    factors = factors_of(900)[:, :4]
    # Two even shares among 8 codes in the limit, with the published tolerance of 0.1 below.
    shared = 1 - np.log(2) / np.log(8)
    protocol = Protocol(estimator=FAST, refits=0, resamples=20)
    for codes_of, low, high in ((identity, 0.85, 1), (duplicated, shared - 0.1, shared + 0.05)):
        result = disentanglement(codes_of(factors), factors, "dci", protocol=protocol)
        assert result["dci/disentanglement"].value >= 0.85
        assert low <= result["dci/completeness"].value <= high
        assert result["dci/informativeness"].value >= 0.99


@pytest.mark.slow
def test_dci_at_1000_and_1000_with_the_fast_trees():
    check_dci(FAST)


@pytest.mark.slow
def test_dci_at_1000_and_1000_with_the_studys_trees():
    check_dci("gradient_boosting")


@pytest.mark.parametrize("estimator", ["lasso", "random_forest"])
def test_dci_of_continuous_factors_as_in_qedr(estimator):
    factors = np.random.default_rng(0).normal(size=(1_500, 4))
    codes = np.hstack([2 * factors, np.zeros((1_500, 1))])
    protocol = Protocol(estimator=estimator, refits=2, resamples=20)
    result = disentanglement(codes, factors, "dci", continuous=range(4), protocol=protocol)
    assert result["dci/disentanglement"].value >= 0.9
    assert result["dci/completeness"].value >= 0.9
    assert result["dci/informativeness"].value >= 0.95


def test_tad_on_binary_attributes_is_half_their_number():
    bits = np.random.default_rng(0).integers(0, 2, (2_000, 4))
    codes = bits + 0.01 * np.random.default_rng(1).normal(size=bits.shape)
    result = disentanglement(codes, bits, "tad", protocol=Protocol(resamples=20))
    # A code that is chance for an attribute has an area within 1/sqrt(rows) of 0.5.
    assert result["tad"].value == pytest.approx(2.0, abs=4 / np.sqrt(2_000))
    assert result["tad"].parts["captured_count"] == 4


def test_tad_takes_one_value_against_the_rest():
    factors = np.random.default_rng(0).integers(0, 3, (2_000, 2))
    codes = np.hstack([np.eye(3)[factors[:, 0]], np.eye(3)[factors[:, 1]]])
    result = disentanglement(codes, factors, "tad", protocol=Protocol(resamples=20))
    assert result["tad"].parts["areas"].shape == (6, 6)
    assert result["tad"].parts["captured_count"] == 6
    # An indicator finds its own value surely, another value's indicator with area 3/4.
    assert result["tad"].value == pytest.approx(6 * 0.25, abs=6 / np.sqrt(2_000))
