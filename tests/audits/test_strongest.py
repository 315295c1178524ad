"""The strongest reader, on blocks whose best possible reading is known in closed form."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.audits import strongest_readers
from iin_tf.audits.readers import LINEAR, PERCEPTRON, readers
from iin_tf.checks import InputError

BLOCKS = {"plain": slice(0, 3), "hidden": slice(3, 6), "empty": slice(6, 8)}


def side(seed, rows=1500, views=1):
    """Three blocks: a class moved by 2 deviations; the same as XOR of tiny columns; noise alone."""
    random = np.random.default_rng(seed)
    kind = np.repeat(random.integers(2, size=rows // views), views)
    codes = random.normal(size=(rows, 8))
    value = codes[:, 1] + 0.5 * random.normal(size=rows)
    codes[:, 0] += 2 * kind
    signs = np.sign(codes[:, 3])
    # Far below the noise that hides it from whoever looks at distances.
    codes[:, 3] = 1e-3 * (codes[:, 3] + signs)
    codes[:, 4] = 1e-3 * signs * (2 * kind - 1) * (1 + np.abs(codes[:, 4]))
    return codes, {"kind": kind, "value": value}, np.arange(rows) // views


@pytest.fixture(scope="module")
def found():
    return strongest_readers(side(0), side(1, 2000), BLOCKS)


def test_it_reads_what_can_be_read_at_best(found):
    metrics = found.metrics()
    # Bayes: two unit normals 2 apart; the standard error of 2,000 rows is 0.008.
    assert abs(metrics["strongest/plain/kind/accuracy"] - stats.norm.cdf(1)) < 0.025
    # 1 / (1 + 0.25), within three standard errors.
    assert abs(metrics["strongest/plain/value/r2"] - 0.8) < 0.03
    # XOR, without any noise: all, but next to the axes.
    assert metrics["strongest/hidden/kind/accuracy"] > 0.95
    # Nothing linear does.
    assert found.reader[1, 0] in ("kernel", "perceptron")
    assert abs(found.about[1][0]["scores"]["linear"] - 0.5) < 0.1


def test_a_block_of_noise_stays_at_its_null(found):
    metrics = found.metrics()
    null = metrics["strongest/empty/kind/accuracy/null"]
    # 95 % of a binomial's deviations from one half; the quantile of 200 draws is itself uncertain.
    assert abs(null - 0.5 - 1.645 * np.sqrt(0.25 / 2000)) < 0.012
    assert metrics["strongest/empty/kind/accuracy"] < null + 0.02
    assert abs(metrics["strongest/empty/value/r2"]) < 0.02
    # Permuted, a reading of R^2 0.8 would be worse than none.
    assert metrics["strongest/plain/value/r2/null"] == 0


def test_views_of_one_original_widen_the_null():
    codes, labels, source = side(1, 800)
    # Ten copies of 80 originals, as against 800 originals.
    copies = np.repeat(codes[:80], 10, axis=0), {"kind": np.repeat(labels["kind"][:80], 10)}
    learned = side(0, 300)
    views = strongest_readers(learned, (*copies, np.repeat(np.arange(80), 10)), BLOCKS)
    each = strongest_readers(learned, (codes, {"kind": labels["kind"]}, source), BLOCKS)
    # 1.645 deviations of a binomial of 80 and of 800, about one half.
    assert views.null[0, 0] > 0.55 > each.null[0, 0]


def test_it_counts_originals():
    views = strongest_readers(side(0, 400, 4), side(1, 400, 4), {"all": slice(None)})
    assert [one["originals"] for one in views.about[0]] == [100, 100]


def test_it_says_what_half_of_the_rows_would_give(found):
    # A straight edge in three columns is known from 750 rows as well as from 1,500.
    assert abs(found.gain[0, 0]) < 0.02
    few = strongest_readers(side(0), side(1, 2000), BLOCKS, rows=60)
    # A perceptron on 30 rows knows less of an XOR than one on 60.
    assert few.about[1][0]["rows"] == 60
    result = few.results()["strongest/hidden/kind/accuracy"]
    assert "learned from 60 training examples" in result.measured
    assert result.measured.endswith("scored on 2000 test examples")


def test_the_raw_representation_is_one_block():
    codes, labels, source = side(0, 600)
    raw = strongest_readers((codes, labels, source), side(1, 600), {"raw": slice(None)})
    names = [*raw.raw_results()]
    assert names == ["strongest_raw/kind/accuracy", "strongest_raw/value/r2"]


def test_unknown_labels_are_left_out():
    codes, labels, source = side(0, 600)
    labels["kind"] = np.where(np.arange(600) < 100, -1, labels["kind"])
    some = strongest_readers((codes, {"kind": labels["kind"]}, source), side(1, 600), BLOCKS)
    assert some.factors == ("kind",)
    assert some.about[0][0]["rows"] == 500


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"kind": np.zeros(40, int)}, r"labels\['kind'\] has 1 values in 40 sources"),
        ({"other": np.arange(40) % 2}, "train and test have no factor in common"),
    ],
)
def test_what_cannot_be_learned_from_is_named(labels, message):
    codes = np.random.default_rng(0).normal(size=(40, 8))
    with pytest.raises(InputError, match=message):
        strongest_readers((codes, labels, None), side(1, 100), BLOCKS)


def test_a_perceptron_of_many_columns_reads_their_leading_components():
    steps = {
        columns: readers(False, 90, columns, 0, [PERCEPTRON, LINEAR], 100) for columns in (512, 513)
    }
    assert [name for name, _ in steps[512][PERCEPTRON].steps] == ["standardscaler", "mlpclassifier"]
    assert steps[513][PERCEPTRON]["pca"].n_components == 30
    assert "pca" not in steps[513][LINEAR].named_steps
    random = np.random.default_rng(0)
    hidden = random.normal(size=(400, 6))
    kind = (hidden[:, 0] * hidden[:, 1] > 0).astype(int)
    x = hidden @ random.normal(size=(6, 600)) + 0.1 * random.normal(size=(400, 600))
    model = readers(False, 300, 600, 0, [PERCEPTRON], 1000)[PERCEPTRON].fit(x[:300], kind[:300])
    # No linear reader finds the sign of a product; the rest is chance of 100 rows.
    assert model.score(x[300:], kind[300:]) > 0.8
