import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.first_stages import KerasFirstStage, decode_in_batches, encode_in_batches, stack_batches
from iin_tf.first_stages.base import FirstStage


class Halves(FirstStage):
    """z = x / 2, log_variance = x."""

    has_decoder = True
    input_spec = None

    def __init__(self):
        super().__init__(2)

    def represent(self, x):
        return x / 2, x

    def generate(self, z):
        return 2 * z


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_all_rows_in_order_in_batches_of_the_size_asked_for(batch_size):
    x = np.arange(14, dtype=np.float32).reshape(7, 2)
    batches = list(encode_in_batches(Halves(), x, batch_size))
    assert max(len(mean) for mean, _ in batches) == min(batch_size, 7)
    mean, log_variance = stack_batches(batches)
    np.testing.assert_array_equal(mean, x / 2)
    np.testing.assert_array_equal(log_variance, x)
    np.testing.assert_array_equal(stack_batches(decode_in_batches(Halves(), mean, batch_size)), x)


def test_reads_no_further_than_it_is_asked():
    class Rows:
        read = 0

        def __len__(self):
            return 1000

        def __getitem__(self, rows):
            self.read = rows.stop
            return np.zeros((rows.stop - rows.start, 2), np.float32)

    rows = Rows()
    batches = encode_in_batches(Halves(), rows, 10)
    assert rows.read == 0
    next(batches)
    assert rows.read == 10


def test_one_graph_serves_all_batches():
    traces = []

    class Counting(Halves):
        def represent(self, x):
            traces.append(tf.executing_eagerly())
            return super().represent(x)

    list(encode_in_batches(Counting(), np.zeros((97, 2), np.float32), 10))
    # One for whole batches and one, of any size, from the last on.
    assert traces == [False, False]


def test_wrong_arguments_are_named_at_once():
    with pytest.raises(ValueError, match="batch_size is 0"):
        encode_in_batches(Halves(), np.zeros((3, 2)), 0)
    with pytest.raises(ValueError, match="0 examples"):
        encode_in_batches(Halves(), np.zeros((0, 2)))


def test_a_second_pass_is_not_traced_again_but_a_new_fit_is_heard():
    inputs = keras.Input((3,))
    stage = KerasFirstStage(keras.Model(inputs, keras.ops.tanh(inputs)), noise=0.1)
    x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    stage.adapt(x)
    _, before = stack_batches(encode_in_batches(stage, x))
    traces = stage.compiled_encode.experimental_get_tracing_count()
    stack_batches(encode_in_batches(stage, x))
    assert stage.compiled_encode.experimental_get_tracing_count() == traces
    stage.adapt(x / 10)
    _, after = stack_batches(encode_in_batches(stage, x))
    # A tenth of the spread, or a little more, as tanh bends the larger values.
    assert np.all(after < before - 3)
