import keras
import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.optimizers import ConstantThenLinear


def test_the_rate_is_constant_then_falls_to_zero():
    schedule = ConstantThenLinear(0.1, steps=100, decay=0.25)
    rates = [float(schedule(step)) for step in (0, 50, 75, 80, 100, 200)]
    # float32 rounding of the arithmetic on steps.
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.1, 0.08, 0.0, 0.0], atol=1e-8)


def test_it_survives_serialisation():
    schedule = ConstantThenLinear(0.1, steps=100, decay=0.25)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert again.get_config() == schedule.get_config()


@pytest.mark.parametrize(
    ("steps", "decay", "message"), [(0, 0.5, "steps is 0"), (9, 2, "decay is")]
)
def test_wrong_arguments_are_named(steps, decay, message):
    with pytest.raises(InputError, match=message):
        ConstantThenLinear(0.1, steps, decay)
