"""People with arrays only need no TensorFlow."""

import subprocess
import sys


def test_measures_load_without_tensorflow():
    code = (
        "import sys; import iin_tf.measures, iin_tf.measures.frechet; "
        "print(sorted({'tensorflow', 'keras', 'torch'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
