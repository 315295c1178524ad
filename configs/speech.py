"""A speaker encoder: what Resemblyzer keeps of voice, pitch and speed of speech.

Command:  iin_run --config=configs/speech.py --config.data.path=runs/speech_data/vectors.npz \
              --config.data.labels=runs/speech_data/labels.csv --workdir=runs/speech
Data:     python examples/speech_vectors.py --output=runs/speech_data makes it: 2,880 + 768
          utterances of espeak-ng, 8 voices x 4 pitches x 3 speeds, each with 30 texts and, for the
          test, with 8 others; 256 numbers each
Time:     3 minutes on two cores
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "latents"
    config.data.factors = ("voice", "pitch", "speed")
    config.first_stage.kind = "none"
    config.first_stage.noise = 0.5
    config.first_stage.noise_kind = "isotropic"
    config.sizes.fixed = (10, 8, 6)
    config.sizes.compare = False
    config.network.blocks = 4
    config.network.hidden = 128
    config.network.depth = 1
    config.network.mixing = "linear"
    config.network.correlation = 0.975
    config.training.steps = 1500
    config.training.weight_decay = 0.1
    config.export.name = "speech"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())
