"""Vectors of a speaker encoder: espeak-ng's voices, pitches and speeds through Resemblyzer.

Command:  python examples/speech_vectors.py --output=runs/speech_data
Needs:    the program espeak-ng (Debian: espeak-ng); pip install torch 'setuptools<81'
          Resemblyzer==0.1.4, whose weights are in it, in an environment of its own
Writes:   vectors.npz (x [n, 256], id) and labels.csv: voice, pitch and speed of each utterance,
          every combination once with each text; the texts of the test are not spoken in training
Time:     10 minutes on two cores
"""

import argparse
import csv
import itertools
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from resemblyzer import VoiceEncoder, preprocess_wav
from scipy.io import wavfile

VOICES = ("m1", "m3", "m5", "m7", "f1", "f2", "f4", "croak")
PITCHES = {"low": 20, "middle": 45, "high": 70, "highest": 95}  # of espeak-ng's 0 to 99
SPEEDS = {"slow": 110, "normal": 160, "fast": 230}  # words a minute
WORDS = {  # split -> adjectives, nouns, verbs, endings
    "train": (
        ["small", "old", "quiet", "green", "heavy", "bright", "lazy", "warm"],
        ["farmer", "window", "river", "engine", "teacher", "garden", "horse", "letter"],
        ["follows", "carries", "watches", "opens", "finds", "remembers"],
        [
            "near the harbour",
            "in the morning",
            "before dinner",
            "without a word",
            "again and again",
        ],
    ),
    "test": (
        ["strange", "golden", "narrow", "clever"],
        ["doctor", "mountain", "piano", "soldier"],
        ["paints", "forgets", "borrows"],
        ["after the storm", "on the second floor", "all summer long"],
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--train", type=int, default=30, help="texts of training")
    parser.add_argument("--test", type=int, default=8, help="texts of the test")
    flags = parser.parse_args()
    combined = list(itertools.product(VOICES, PITCHES, SPEEDS))
    table = [
        (split, *labels, text)
        for split, count in (("train", flags.train), ("test", flags.test))
        for text in texts(split, count)
        for labels in combined
    ]
    torch.set_num_threads(1)
    encoder = VoiceEncoder("cpu")
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda row: encoder.embed_utterance(spoken(*row[1:])), table)
        vectors = []
        for vector in found:
            vectors.append(vector)
            print(f"{len(vectors)} of {len(table)}", end="\r", flush=True)
    flags.output.mkdir(parents=True, exist_ok=True)
    np.savez(flags.output / "vectors.npz", x=np.stack(vectors), id=np.arange(len(table)))
    with open(flags.output / "labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "split", "voice", "pitch", "speed", "text"))
        rows.writerows((row, *labels) for row, labels in enumerate(table))


def texts(split, count):
    """Sentences of a split, drawn from its words."""
    random = np.random.default_rng(0)
    adjectives, nouns, verbs, endings = WORDS[split]
    return [
        f"The {random.choice(adjectives)} {random.choice(nouns)} {random.choice(verbs)} "
        f"the {random.choice(adjectives)} {random.choice(nouns)} {random.choice(endings)}."
        for _ in range(count)
    ]


def spoken(voice, pitch, speed, text):
    """The waveform of a text, 16 kHz, as the encoder wants it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        manner = ["-v", f"en+{voice}", "-p", str(PITCHES[pitch]), "-s", str(SPEEDS[speed])]
        subprocess.run(["espeak-ng", *manner, "-w", file.name, text], check=True)
        rate, wave = wavfile.read(file.name)
    return preprocess_wav(wave.astype(np.float32) / 32768, rate)


if __name__ == "__main__":
    main()
