"""What all pipelines that make endless batches ask of tf.data."""

import tensorflow as tf


def with_options(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """A pipeline of batches of all replicas, whose end comes at once and which workers share out.

    Every worker makes each batch and takes its own rows of it, so that the batches are the same
    whatever the number of workers.
    """
    options = tf.data.Options()
    # With autotuning the end of an iterator sometimes waits seconds for a background thread.
    options.autotune.enabled = False
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return dataset.with_options(options)
