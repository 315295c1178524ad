"""The examples that users read run as they stand."""

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from processes import run_code

from iin_tf.experiment.config import key_paths
from iin_tf.results import kinds

ROOT = Path(__file__).parents[1]
EVERY_PAGE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md",
              *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))  # fmt: skip
# What stands between the fences; "python" is run.
# What is in braces is the site's own.
LANGUAGES = {"python", "sh", "console", "json", "", "{toctree}"}
# The extra `frameworks`: a section that imports one runs by itself, where that is installed.
FRAMEWORKS = {"jax", "tensorflow_serving", "torch", "transformers"}
# What a block takes from a finished quickstart, and a folder that `save_pretrained` wrote.
QUICKSTART = """
import pathlib
import numpy as np
import iin_tf
layout = iin_tf.FactorLayout({"digit": 15, "color": 16}, residual=33)
network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, seed=0)
pathlib.Path("runs/quickstart").mkdir(parents=True)
network.save("runs/quickstart/iin.keras")
for name in ("z", "donor"):
    np.save(name, np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32))
"""
BERT = """
import pathlib
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "soup", "was", "great", "song", "we"]
pathlib.Path("words.txt").write_text("\\n".join(words))
BertTokenizer("words.txt").save_pretrained("my_model")
config = BertConfig(vocab_size=11, num_hidden_layers=1, intermediate_size=8)
BertForSequenceClassification(config).save_pretrained("my_model")
"""
# A server of the export; what TensorFlow Serving answers, it answers.
SERVER = """
import concurrent.futures
import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc
model = tf.saved_model.load("saved_models/colored_digits/1")
class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
    def Predict(self, request, context):
        assert request.model_spec.name == "colored_digits"
        given = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        given = {name: tf.constant(value) for name, value in given.items()}
        response = predict_pb2.PredictResponse()
        for name, value in model.signatures[request.model_spec.signature_name](**given).items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
        return response
server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), server)
port = server.add_insecure_port("localhost:0")
server.start()
"""


def python_blocks(text):
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def imported(blocks):
    """Packages that blocks import, inside of functions too."""
    nodes = [node for block in blocks for node in ast.walk(ast.parse(block))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def sections_of(page):
    """Title -> the Python blocks of a page's sections that have some."""
    parts = re.split(r"^##+ ", (ROOT / page).read_text(), flags=re.MULTILINE)
    sections = {part.partition("\n")[0]: python_blocks(part) for part in parts}
    return {title: blocks for title, blocks in sections.items() if blocks}


SECTIONS = {
    (page, title): blocks for page in EVERY_PAGE for title, blocks in sections_of(page).items()
}
ALONE = {place: blocks for place, blocks in SECTIONS.items() if imported(blocks) & FRAMEWORKS}


def blocks_without_frameworks(page):
    """The blocks of a page that need nothing but the package and the extra `test`."""
    places = [place for place in SECTIONS if place[0] == page and place not in ALONE]
    return [block for place in places for block in SECTIONS[place]]


def code_of(blocks, folder):
    """Blocks one after the other; one that begins with `# name.py` becomes that file."""
    code = []
    for block in blocks:
        if file := re.match(r"# (\w+\.py)\n", block):
            (folder / file[1]).write_text(block)
        else:
            code.append(block)
    return "\n".join(code)


def run_python(blocks, folder):
    result = run_code(code_of(blocks, folder), folder=folder)
    assert result.returncode == 0, result.stderr[-2000:]


def run_alone(blocks, folder):
    """In a process that has not loaded TensorFlow, which other frameworks may not bear."""
    result = subprocess.run(
        [sys.executable, "-c", code_of(blocks, folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]


@pytest.mark.parametrize("page", dict.fromkeys(page for page, _ in SECTIONS))
def test_python_blocks_run(page, tmp_path):
    blocks = blocks_without_frameworks(page)
    run_python([QUICKSTART, *blocks] if page == "docs/serving.md" else blocks, tmp_path)


@pytest.mark.parametrize(("page", "title"), ALONE)
def test_python_blocks_of_frameworks_run(page, title, tmp_path):
    blocks = ALONE[page, title]
    # Not imported: PyTorch and TensorFlow in one process can crash.
    for name in sorted(imported(blocks) & FRAMEWORKS):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed; see CONTRIBUTING.md")
    if title == "Hugging Face":
        run_alone([BERT], tmp_path)
    if page == "docs/serving.md":
        run_python([QUICKSTART, *blocks_without_frameworks(page)], tmp_path)
        blocks = [
            SERVER,
            *(block.replace('"localhost:8500"', 'f"localhost:{port}"') for block in blocks),
        ]
        blocks.append("assert z_new.shape == (3, 64)")
    run_alone(blocks, tmp_path)


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_no_block_stands_outside_of_the_tests(page):
    text = (ROOT / page).read_text()
    assert set(re.findall(r"^```(.*)\n(?:.*\n)*?```$", text, re.MULTILINE)) <= LANGUAGES
    # Every one stands in a section.
    assert sum(len(SECTIONS[place]) for place in SECTIONS if place[0] == page) == len(
        python_blocks(text)
    )


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_links_and_pictures_exist(page):
    prose = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        assert "://" in target or ((ROOT / page).parent / target).exists(), target


def test_readme_names_every_page():
    more = (ROOT / "README.md").read_text().partition("\n## More\n")[2]
    assert set(re.findall(r"\]\(([^)#:]+\.md)\)", more)) == set(EVERY_PAGE) - {"README.md"}


# Kinds that docs/audits.md and docs/measures.md describe: no run writes them.
NOT_OF_RUNS = {"influence", "influence_baseline", "fixed", "novelty",
               "frechet_distance", "kernel_distance", "disentanglement"}  # fmt: skip


def test_the_table_of_results_has_every_kind_that_a_run_writes():
    text = (ROOT / "docs/experiments.md").read_text()
    table = text.partition("| metric | meaning |")[2].partition("\n\n")[0]
    listed = set()
    for row in table.splitlines()[2:]:
        first, *others = re.findall(r"`([^`]+)`", row.split(" | ")[0])
        # "/null" goes on behind the first key, or takes the place of its end.
        ends = [end for end in others if end.startswith("/")]
        listed |= {first, *others, *(first + end for end in ends)}
        listed |= {first.rpartition("/")[0] + end for end in ends}
    shapes = {re.sub(r"\b[A-Z]+\b|\btest\b|\bread\b|\btrain\b", "{}", key) for key in listed}
    patterns = [kind.pattern for kind in kinds() if "{channel}" not in kind.pattern]
    written = {
        re.sub(r"{\w+}", "{}", one) for one in patterns if one.split("/")[0] not in NOT_OF_RUNS
    }
    assert written - shapes == set()


# The changelog names what is no more.
@pytest.mark.parametrize("page", sorted({*EVERY_PAGE} - {"CHANGELOG.md"}))
def test_files_keys_and_names_are_todays(page):
    text = (ROOT / page).read_text()
    for path in re.findall(r"(?<![\w/])(?:iin_tf|benchmarks|bin|configs|tests)/[\w/.]*\w", text):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`([\w/]+\.py)`", text):
        assert any(ROOT.rglob(name)) or f"```python\n# {name}\n" in text, name
    for key in re.findall(r"--config\.([a-z_.]+)=", text):
        assert key in key_paths(), key
    for name in re.findall(r"(?<![\w/.])iin_tf(?:\.[A-Za-z_]\w*)+", text):
        assert resolved(name), name


def resolved(name):
    """What a dotted name stands for; a module that was not imported yet is one too."""
    found = importlib.import_module("iin_tf")
    for part in name.split(".")[1:]:
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(f"{found.__name__}.{part}")
    return found
