import math

import numpy as np
import scipy.stats
import tensorflow as tf

from iin_tf.models.activations import exported_forms, gelu


def test_both_forms_are_the_exact_gelu():
    x = np.linspace(-8, 8, 1001, dtype=np.float32)
    expected = x * scipy.stats.norm.cdf(x.astype(np.float64))
    # float32 rounding of x up to 8.
    np.testing.assert_allclose(gelu(tf.constant(x)), expected, atol=1e-6)
    with exported_forms():
        np.testing.assert_allclose(gelu(tf.constant(x)), expected, atol=1e-6)
    assert math.isclose(float(gelu(tf.constant(1.0))), 0.8413447, rel_tol=1e-6)


def test_an_exports_form_has_no_erfc():
    def operations():
        traced = tf.function(lambda x: gelu(x)).get_concrete_function(tf.TensorSpec([None]))
        return {operation.type for operation in traced.graph.get_operations()}

    assert "Erfc" in operations()
    with exported_forms():
        assert "Erfc" not in operations()
        assert "Erf" in operations()
    assert "Erfc" in operations()
