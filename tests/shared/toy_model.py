"""A model with signatures of kinds that an export of a network need not have."""

import tensorflow as tf


class Toy(tf.Module):
    """Texts, float64, and inputs without a common number of rows."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def echo(self, text):
        return {"text_out": text, "raw_bytes": text, "length": tf.strings.length(text)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float64, "x")])
    def half(self, x):
        return {"y": x / 2}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2, 1], tf.int32, "signal"),
            tf.TensorSpec([None], tf.float32, "weight"),
        ]
    )
    def two(self, signal, weight):
        return {"sum": tf.reduce_sum(signal), "weights": tf.reduce_sum(weight)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int64, "times")])
    def count(self, times):
        at = tf.zeros_like(times)
        while at < times:
            at += 1
        return {"counted": at}


def write_versions(path, *numbers):
    """The versions of these numbers, all alike."""
    model = Toy()
    signatures = {
        "serving_default": model.half,
        "echo": model.echo,
        "two": model.two,
        "count": model.count,
    }
    for number in numbers:
        tf.saved_model.save(model, str(path / str(number)), signatures=signatures)
