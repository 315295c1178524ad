"""Data sets, generators and Keras's own data sets are checked as they are read."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, PAIRS, BATCH = LAYOUT.latent_size, 48, 16


def make(**kwargs):
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0)
    network.compile(keras.optimizers.SGD(0.01), **kwargs)
    network.adapt(pairs()[0])
    return network


def pairs():
    random = np.random.default_rng(0)
    z_a, z_b = random.normal(size=(2, PAIRS, N)).astype("float32")
    return z_a, z_b, random.integers(-1, 3, PAIRS), np.ones(PAIRS, "float32")


def with_value(array, row, value):
    array = array.copy()
    array[(row, *[0] * (array.ndim - 1))] = value
    return array


def as_data_set(z_a, z_b, shared, weight):
    return tf.data.Dataset.from_tensor_slices(((z_a, z_b), shared, weight)).batch(BATCH)


def batches(z_a, z_b, shared, weight):
    for start in range(0, len(z_a), BATCH):
        rows = slice(start, start + BATCH)
        yield (z_a[rows], z_b[rows]), shared[rows], weight[rows]


class PairSequence(keras.utils.PyDataset):
    def __init__(self, *parts):
        super().__init__()
        self.batches = list(batches(*parts))

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


FORMS = {"data set": as_data_set, "generator": batches, "PyDataset": PairSequence}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_trains_as_arrays_do(form):
    z_a, z_b, shared, weight = pairs()
    by_arrays, by_form = make(), make()
    by_arrays.fit((z_a, z_b), shared, batch_size=BATCH, shuffle=False, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of a generator that ends Keras always says so.
        warnings.filterwarnings("ignore", message="Your input ran out of data")
        by_form.fit(FORMS[form](z_a, z_b, shared, weight), verbose=0)
    if form != "PyDataset":  # of which Keras shuffles the batches
        for one, other in zip(by_arrays.weights, by_form.weights, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


# Row 20 stands in batch 1, in its row 4.
WRONG = {
    "nan": (lambda a, b, s, w: (a, with_value(b, 20, np.nan), s, w), "z_b.*row 4.*not finite"),
    "inf": (lambda a, b, s, w: (with_value(a, 20, np.inf), b, s, w), "z_a.*row 4.*not finite"),
    "weight": (lambda a, b, s, w: (a, b, s, with_value(w, 20, -1)), "sample_weight.*row 4"),
    "nan weight": (lambda a, b, s, w: (a, b, s, with_value(w, 20, np.nan)), "sample_weight.*row 4"),
    "block": (lambda a, b, s, w: (a, b, with_value(s, 20, 3), w), "shared"),
    "negative block": (lambda a, b, s, w: (a, b, with_value(s, 20, -2), w), "shared"),
    "correlation": (
        lambda a, b, s, w: (a, b, with_value(np.zeros((PAIRS, 3)), 20, 1.0), w),
        "shared",
    ),
    "nan correlation": (
        lambda a, b, s, w: (a, b, with_value(np.zeros((PAIRS, 3)), 20, np.nan), w),
        "shared",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("use", ["fit", "evaluate", "validation"])
def test_a_wrong_batch_is_named(form, name, use):
    change, message = WRONG[name]
    network, right = make(), pairs()
    wrong = FORMS[form](*change(*right))
    expected = rf"^{'validation ' if use == 'validation' else ''}.*{message}"
    calls = {
        "fit": lambda: network.fit(wrong, verbose=0),
        "evaluate": lambda: network.evaluate(wrong, verbose=0),
        "validation": lambda: network.fit(as_data_set(*right), validation_data=wrong, verbose=0),
    }
    with pytest.raises(InputError, match=expected) as error:
        calls[use]()
    assert "batch 1" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("choice", [{"jit_compile": True}, {"steps_per_execution": 2}])
def test_a_wrong_batch_is_named_however_steps_are_compiled(choice):
    wrong = as_data_set(*WRONG["nan"][0](*pairs()))
    with pytest.raises(InputError, match="z_b: row 4 of batch 1 is not finite"):
        make(**choice).fit(wrong, verbose=0)


def test_a_wrong_batch_is_named_where_actnorm_starts():
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0)
    network.compile("sgd")
    with pytest.raises(InputError, match="z_b: row 4 of batch 1 is not finite"):
        network.fit(as_data_set(*WRONG["nan"][0](*pairs())), verbose=0)


from_tensors = tf.data.Dataset.from_tensors


def spec(z_a=(BATCH, N), z_b=(BATCH, N), shared=(BATCH,), dtypes=("float32", "float32", "int32")):
    parts = [tf.zeros(s, d) for s, d in zip((z_a, z_b, shared), dtypes, strict=True)]
    return from_tensors(((parts[0], parts[1]), parts[2]))


Z, BLOCKS = tf.zeros([BATCH, N]), tf.zeros([BATCH], tf.int32)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            from_tensors(tf.zeros([4, 3, N])),
            r"z has shape \(4, 3, 6\); give batches",
        ),
        (from_tensors(tf.zeros([N])), r"z has shape \(6,\); give batches"),
        (from_tensors(tf.zeros([4, 5])), r"z has shape \(4, 5\); give .*B, 6"),
        (from_tensors(tf.zeros([4, N], tf.complex64)), "z has dtype complex64"),
        (from_tensors(tf.fill([4, N], "a")), "z has dtype string"),
        (spec(z_b=(BATCH, 5)), r"z_b has shape \(16, 5\)"),
        (spec(z_b=(BATCH, 1)), r"z_b has shape \(16, 1\)"),
        (spec(z_b=(3, N)), r"parts have \[3, 16\] rows"),
        (spec(shared=(5,)), r"parts have \[5, 16\] rows"),
        (spec(shared=(BATCH, 3)), r"shared has dtype int32 and shape \(16, 3\); give int \[B\]"),
        (spec(shared=(BATCH, 2), dtypes=("float32", "float32", "bool")), "shared has dtype bool"),
        (spec(shared=(), dtypes=("float32", "float32", "int32")), r"shared has dtype int32 and"),
        (from_tensors(((Z, Z),)), "batches of the structure"),
        (from_tensors((Z, Z, Z, Z)), "batches of the structure"),
        (
            from_tensors((Z, BLOCKS)),
            r"labels has dtype int32 and shape \(16,\); give whole numbers \[B, 2\]",
        ),
        (from_tensors({"z": Z}), "batches of the structure"),
        (from_tensors(((Z, Z, Z), BLOCKS)), "structure"),
        (
            from_tensors(((Z, Z), BLOCKS, tf.zeros([BATCH, 1]))),
            r"sample_weight has shape \(16, 1\)",
        ),
    ],
)
def test_a_wrong_structure_is_named_before_the_first_step(data, message):
    network = make()
    for call in (network.fit, network.evaluate):
        with pytest.raises(InputError, match=message) as error:
            call(data, verbose=0)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match=message):
        network.fit(as_data_set(*pairs()), validation_data=data, verbose=0)


def test_shapes_that_are_not_known_before_are_checked_as_they_are_read():
    def grown(shape):
        return tf.data.Dataset.from_generator(
            lambda: iter([np.zeros((4, N), "float32"), np.zeros(shape, "float32")]),
            output_signature=tf.TensorSpec(None, tf.float32),
        )

    make().fit(grown((3, N)), verbose=0)
    for shape in ((4, N + 1), (4, 2, N), (N,)):
        with pytest.raises(InputError, match=r"a batch holds rows of shape .*; give \[B,6\]"):
            make().fit(grown(shape), verbose=0)
    uneven = tf.data.Dataset.from_generator(
        lambda: iter([((np.zeros((4, N)), np.zeros((3, N))), np.zeros(4, int))]),
        output_signature=(
            (tf.TensorSpec([None, N], tf.float32), tf.TensorSpec([None, N], tf.float32)),
            tf.TensorSpec([None], tf.int64),
        ),
    )
    with pytest.raises(InputError, match="the parts of batch 0 differ in their number of rows"):
        make().fit(uneven, verbose=0)


def nothing():
    yield from ()


@pytest.mark.parametrize(
    "empty",
    [
        lambda: as_data_set(*pairs()).take(0),
        lambda: as_data_set(*pairs()).filter(lambda *_: False),
        lambda: nothing(),
    ],
    ids=["known", "found", "generator"],
)
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_an_empty_data_set_is_named(empty):
    network = make()
    for call in (network.fit, network.evaluate):
        with pytest.raises(InputError, match=r"x (is an empty|gave no batch)"):
            call(empty(), verbose=0)


def test_data_frames_train_as_arrays():
    z_a, z_b, shared, _ = pairs()
    by_arrays, by_frames = make(), make()
    settings = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    by_arrays.fit((z_a, z_b), shared, **settings)
    by_frames.fit((pd.DataFrame(z_a), pd.DataFrame(z_b)), pd.Series(shared), **settings)
    for one, other in zip(by_arrays.weights, by_frames.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_predict_is_checked_too():
    network, (z, *_) = make(), pairs()
    expected = network.transform(z)
    data = tf.data.Dataset.from_tensor_slices(z).batch(BATCH)
    for given in (z, data, pd.DataFrame(z)):
        # Batches of another size may be summed in another order.
        np.testing.assert_allclose(
            network.predict(given, verbose=0), expected, rtol=1e-5, atol=1e-6
        )
    assert network.predict(z[:0], verbose=0).shape == (0, N)
    with pytest.raises(InputError, match="z: row 20 is not finite"):
        network.predict(with_value(z, 20, np.nan), verbose=0)
    wrong = tf.data.Dataset.from_tensor_slices(with_value(z, 20, np.nan)).batch(BATCH)
    with pytest.raises(InputError, match="z: row 4 of batch 1 is not finite"):
        network.predict(wrong, verbose=0)
    with pytest.raises(InputError, match=r"z has shape \(48, 1\)"):
        network.predict(z[:, :1], verbose=0)


def test_single_batches_are_checked_too():
    network, (z_a, z_b, shared, weight) = make(), pairs()
    before = [w.numpy() for w in network.trainable_weights]
    for call in (network.train_on_batch, network.test_on_batch):
        with pytest.raises(InputError, match="z: row 20 is not finite"):
            call(with_value(z_a, 20, np.nan))
        with pytest.raises(InputError, match=r"z has shape \(48, 1\)"):
            call(z_a[:, :1])
        with pytest.raises(InputError, match="shared must hold block numbers"):
            call((z_a, z_b), with_value(shared, 20, 7))
        with pytest.raises(InputError, match=r"sample_weight is -1\.0 in row 20"):
            call((z_a, z_b), shared, with_value(weight, 20, -1))
        with pytest.raises(InputError, match="z is a generator"):
            call(z for z in z_a)
    for one, other in zip(network.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_single_batch_trains_as_fit_does():
    z_a, z_b, shared, weight = pairs()
    networks = [InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0) for _ in "ab"]
    for network in networks:
        network.compile("sgd")
    by_fit, by_batch = networks
    by_fit.fit((z_a, z_b), shared, sample_weight=weight, batch_size=PAIRS, shuffle=False, verbose=0)
    by_batch.train_on_batch((z_a, z_b), shared, weight)
    for one, other in zip(by_fit.weights, by_batch.weights, strict=True):
        # One step; the rows are summed in the same order.
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
