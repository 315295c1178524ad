"""Functions in a process of their own, for libraries that do not go with TensorFlow in one."""

import concurrent.futures
import functools
import multiprocessing
from collections.abc import Callable
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError


def in_own_process(function: Callable) -> Callable:
    """`function`, called in another process, one that has not imported TensorFlow.

    PyTorch and TensorFlow in one process can crash.  All functions that are called so share one
    process, so that a model is loaded once; it ends with this one.  A script that calls them has
    its own top level behind `if __name__ == "__main__":`, because that process imports it.

    Args:
      function: of arrays, at the top level of a module that can be imported, and that imports
        PyTorch (or JAX, ...) inside its functions.

    Returns:
      Function of arrays, or of tensors that have values -> what `function` returns.

    Raises:
      InputError: a function that another process cannot find by its name, such as a lambda.
    """
    if not callable(function):
        raise InputError(f"function is {checks.shown(function)}; give a function")
    name, home = getattr(function, "__qualname__", ""), getattr(function, "__module__", None)
    if "<" in name or not name or home in (None, "__main__"):
        raise InputError(
            f"function is {checks.shown(function)}, which another process cannot import; put it at "
            "the top level of a Python file, and import it from there"
        )

    @functools.wraps(function)
    def call(*arrays: Any) -> Any:
        return _pool().submit(function, *map(np.asarray, arrays)).result()

    return call


@functools.cache
def _pool():
    # Not forked: TensorFlow's threads would be missing, and its memory copied.
    context = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(1, mp_context=context)
