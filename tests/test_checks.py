import pytest
import tensorflow as tf

from iin_tf import checks


def test_a_graph_raises_the_same_type():
    @tf.function
    def traced(x):
        return checks.whole(1.5, "steps") + x

    with pytest.raises(checks.InputError, match=r"steps is 1\.5; give a whole number"):
        traced(tf.constant(1))
