import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.checks import InputError
from iin_tf.first_stages import FunctionFirstStage, encode_in_batches, stack_batches

MATRIX = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@pytest.fixture
def x():
    return np.random.default_rng(1).normal(size=(10, 4)).astype(np.float32)


def linear(**changes):
    given = {"latent_size": 3, "noise": 0.1, **changes}
    return FunctionFirstStage(
        lambda x: x @ MATRIX, lambda z: z @ MATRIX.T, lambda z: z.argmax(1), **given
    )


def test_functions_of_arrays_become_a_first_stage(x):
    stage = linear()
    stage.adapt(x, batch_size=3)
    mean, log_variance = stage.encode(x)
    np.testing.assert_allclose(mean, x @ MATRIX, rtol=1e-6)
    np.testing.assert_allclose(log_variance[0], 2 * np.log(0.1 * (x @ MATRIX).std(0)), rtol=1e-5)
    np.testing.assert_allclose(stage.decode(mean), x @ MATRIX @ MATRIX.T, rtol=1e-5)
    np.testing.assert_array_equal(stage.head(mean), (x @ MATRIX).argmax(1))
    assert stage.has_decoder
    assert stage.has_head
    assert not FunctionFirstStage(lambda x: x, latent_size=3).has_decoder


def test_a_graph_calls_them_too(x):
    stage = linear()
    stage.adapt(x)
    mean, log_variance = tf.function(stage.encode)(tf.constant(x))
    np.testing.assert_array_equal(mean, stage.encode(x)[0])
    np.testing.assert_array_equal(log_variance, stage.encode(x)[1])
    np.testing.assert_array_equal(tf.function(stage.decode)(mean), stage.decode(mean))


def test_moments_are_passed_through(x):
    stage = FunctionFirstStage(lambda x: (x, -x), latent_size=4)
    for encode in (stage.encode, tf.function(stage.encode)):
        mean, log_variance = encode(tf.constant(x))
        np.testing.assert_array_equal(mean, x)
        np.testing.assert_array_equal(log_variance, -x)


def test_batches_reach_them_as_arrays(x):
    seen = []

    def encode(batch):
        seen.append((type(batch), len(batch)))
        return batch, batch

    stage = FunctionFirstStage(encode, latent_size=4)
    mean, _ = stack_batches(encode_in_batches(stage, x, batch_size=4))
    assert seen == [(np.ndarray, 4), (np.ndarray, 4), (np.ndarray, 2)]
    np.testing.assert_array_equal(mean, x)


def test_texts_arrive_as_texts():
    texts = ["one", "three", "öö"]

    def lengths(texts):
        assert texts.dtype.kind == "U"
        return np.array([[len(text), text.count("e")] for text in texts])

    stage = FunctionFirstStage(lengths, latent_size=2, noise=0.1)
    stage.adapt(texts)
    for given in (texts, np.array(texts), tf.constant(texts)):
        np.testing.assert_array_equal(stage.encode(given)[0], [[3, 1], [5, 2], [2, 0]])
    mean, _ = stack_batches(encode_in_batches(stage, texts, 2))
    np.testing.assert_array_equal(mean, [[3, 1], [5, 2], [2, 0]])
    np.testing.assert_array_equal(tf.function(stage.encode)(tf.constant(texts))[0], mean)


def test_a_head_may_read_the_input(x):
    stage = linear(head_reads_input=True)
    stage._head = lambda z, x: z[:, 0] + x[:, 0]
    z = (x @ MATRIX).astype(np.float32)
    np.testing.assert_allclose(stage.head(z, x), z[:, 0] + x[:, 0], rtol=1e-6)
    with pytest.raises(InputError, match="x is None, but head reads it"):
        stage.head(z)


@pytest.mark.parametrize(
    ("encode", "message"),
    [
        (lambda x: x[:-1] @ MATRIX, r"encode returned shape \(9, 3\) for 10 examples"),
        (lambda x: np.float32(1), r"encode returned shape \(\) for 10"),
        (lambda x: x, r"the encoder returns \(10, 4\), but a representation is \[B, 3\]"),
        (lambda x: np.stack([x @ MATRIX] * 2, 1), r"returns \(10, 2, 3\), .*pool or flatten"),
        (lambda x: np.where(x[:, :3] == x[2, 0], np.nan, 1), "output of encode: row 2 is not fin"),
        (lambda x: x[:, :3].astype(str), "output of encode has dtype <U"),
        (lambda x: None, r"encode returned shape \(\)"),
        (lambda x: (x @ MATRIX, x @ MATRIX), "noise is given, but the encoder has 2 outputs"),
    ],
)
def test_what_they_return_is_checked(encode, message, x):
    stage = FunctionFirstStage(encode, latent_size=3, noise=0.1)
    with pytest.raises(InputError, match=message):
        stage.encode(x)


def test_wrong_arguments_are_named(x):
    with pytest.raises(InputError, match=r"encode is 'model.onnx'; give a function"):
        FunctionFirstStage("model.onnx", latent_size=3)
    with pytest.raises(InputError, match="decode is 3"):
        FunctionFirstStage(lambda x: x, 3, latent_size=3)
    with pytest.raises(InputError, match=r"latent_size is 3\.0"):
        FunctionFirstStage(lambda x: x, latent_size=3.0)
    stage = FunctionFirstStage(lambda x: x, latent_size=4)
    with pytest.raises(InputError, match="returns no log_variance; give noise"):
        stage.encode(x)
    with pytest.raises(InputError, match="has no decoder to go back by"):
        stage.decode(x)
    with pytest.raises(InputError, match="has no head that reads its z"):
        stage.head(x)


def test_it_is_not_exported(x, tmp_path):
    stage = FunctionFirstStage(lambda x: (x, x), latent_size=4)
    layout = iin_tf.FactorLayout({"a": 2}, residual=2)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=0, seed=0)
    with pytest.raises(InputError, match="cannot be exported, because a server has no Python"):
        iin_tf.export(network, tmp_path / "model", first_stage=stage)
    assert not (tmp_path / "model").exists()


def test_what_a_function_raises_is_said_as_its_own(x):
    def divide(batch):
        return batch * (1 // (len(batch) * 0))

    for argument in ("encode", "decode", "head"):
        given = {"encode": lambda x: x, argument: divide}
        stage = FunctionFirstStage(latent_size=4, noise=0.1, **given)
        call = stage.adapt if argument == "encode" else getattr(stage, argument)
        with pytest.raises(
            InputError,
            match=rf"^{argument}: .*divide raises ZeroDivisionError: .*\(test_function.py:\d+ in "
            r"divide\); mend it$",
        ) as caught:
            call(x)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
