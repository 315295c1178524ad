"""Synthesised tones seen by a foreign TensorFlow SavedModel, basic-pitch: what does it keep?

Command:  iin_run --config=configs/tones.py --config.first_stage.path=FOLDER --workdir=runs/tones
Model:    docs/gallery.md says how to fetch its wheel; FOLDER is the wheel's
          basic_pitch/saved_models/icassp_2022/nmp (no code of it is needed)
Data:     tones of two seconds, made here: pitch (24 semitones) x timbre x loudness, exact
Time:     10 minutes on two cores
"""

import numpy as np

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk

RATE, LENGTH = 22050, 43844  # of the model's window
PITCHES = range(48, 72)  # MIDI numbers, one octave below middle C and one above
TIMBRES = ("sine", "triangle", "square", "saw")
LOUDNESS = {"soft": 0.03, "middle": 0.15, "loud": 0.8}


def get_config():
    config = default_config()
    config.code = __file__
    config.data.source = "python"
    config.data.factors = ("pitch", "timbre", "loudness")
    config.data.examples = 2000
    config.data.test_examples = 600
    config.first_stage.kind = "saved_model"
    config.first_stage.encode = "serving_default"
    config.first_stage.output = "contour"
    config.first_stage.pool = "mean"
    config.first_stage.noise = 0.3
    config.first_stage.noise_kind = "isotropic"
    config.sizes.fixed = (16, 6, 4)
    config.sizes.compare = False
    config.network.blocks = 4
    config.network.hidden = 128
    config.network.depth = 1
    config.network.mixing = "linear"
    config.network.correlation = 0.975
    config.training.steps = 1500
    config.training.weight_decay = 0.1
    config.export.name = "tones"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())


def get_data(config, split):
    """Tones float32 [n, 43844, 1] and their labels, drawn independently."""
    count = config.data.examples if split == "train" else config.data.test_examples
    random = np.random.default_rng([config.seed, split == "test"])
    drawn = random.integers((len(PITCHES), len(TIMBRES), len(LOUDNESS)), size=(count, 3))
    pitch, timbre, loudness = drawn.T
    pitch = np.array(PITCHES)[pitch]
    tones = np.empty((count, LENGTH, 1), np.float32)
    for row in range(count):
        amplitude = [*LOUDNESS.values()][loudness[row]]
        tones[row, :, 0] = amplitude * tone(pitch[row], TIMBRES[timbre[row]], random)
    tones += 0.001 * random.standard_normal(tones.shape, np.float32)
    labels = {
        "pitch": pitch,
        "timbre": np.array(TIMBRES)[timbre],
        "loudness": np.array([*LOUDNESS])[loudness],
    }
    return {"x": tones, "labels": labels}


def tone(pitch, timbre, random):
    """A tone [LENGTH] of its own start, length, attack, phase, and of a few cents off its pitch."""
    frequency = 440 * 2 ** ((pitch - 69 + random.uniform(-0.2, 0.2)) / 12)
    harmonics = np.arange(1, int(RATE / 2 / frequency))
    strength = {
        "sine": harmonics == 1,
        "triangle": (harmonics % 2) / harmonics**2,
        "square": (harmonics % 2) / harmonics,
        "saw": 1 / harmonics,
    }[timbre]
    seconds = np.arange(LENGTH) / RATE
    wave = np.zeros(LENGTH)
    for harmonic, part in zip(harmonics[strength > 0], strength[strength > 0], strict=True):
        wave += part * np.sin(2 * np.pi * (harmonic * frequency * seconds + random.random()))
    start, length = random.uniform(0, 0.3), random.uniform(0.8, 1.6)
    attack, release = random.uniform(0.005, 0.05), 0.1
    rise, fall = (seconds - start) / attack, (start + length - seconds) / release
    return wave / np.sqrt(np.mean(wave**2)) * np.clip(np.minimum(rise, fall), 0, 1) / 4
