"""An explorer of an export, from the address of its server alone."""

from pathlib import Path
from typing import Any

import numpy as np

from iin_tf.checks import InputError
from iin_tf.experiment.finished import form_of_images, read_image
from iin_tf.explorer.directions import Directions
from iin_tf.explorer.explorer import Explorer
from iin_tf.explorer.gallery import Gallery
from iin_tf.explorer.models import IMAGES, TEXTS
from iin_tf.explorer.reads import blocks_read
from iin_tf.results import Results
from iin_tf.serving.client import Client, ServerError
from iin_tf.serving.client.address import Address

# Drawn from the network's own density: a server has no examples.
_SAMPLES = 500


class RemoteModel:
    """An export that a server answers for; a `Model`.

    Args:
      client: Client of one version.
      resize: what to do with images of another size: "refuse", "crop", "fit" or "stretch".
    """

    def __init__(self, client: Client, resize: str = "crop"):
        self._client, self._resize = client, resize
        self.layout, self.description = client.layout, client.description
        stage = self.description["first_stage"]
        self._input: dict[str, Any] = {} if stage is None else stage["input"]
        self.takes = _taken(self._input)
        self.has_decoder = "decode" in client.signatures
        self.has_head = "head" in client.signatures

    def transform(self, z: np.ndarray) -> np.ndarray:
        return self._client.transform(z)

    def invert(self, z_tilde: np.ndarray) -> np.ndarray:
        return self._client.invert(z_tilde)

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        return self._client.log_prob(z)

    def encode(self, x: np.ndarray) -> np.ndarray:
        return self._client.encode(x)[0]

    def decode(self, z: np.ndarray) -> np.ndarray:
        return self._client.decode(z)

    def head(self, z: np.ndarray, x: np.ndarray | None) -> dict[str, np.ndarray]:
        given = {"z": z, "x": x}
        asked = {name: given[name] for name in self._client.signatures["head"].inputs}
        if any(value is None for value in asked.values()):
            # A head that reads inputs too, and a draw, which has none.
            return {}
        told = self._client.call("head", **asked)
        return {
            name.removeprefix("output_"): value.reshape(len(value), -1)
            for name, value in told.items()
        }

    def read_image(self, path: str | Path) -> np.ndarray:
        form = form_of_images(tuple(self._input["shape"][1:]), self._resize)
        return read_image(path, form, "image")

    def input_of(self, levels: np.ndarray) -> np.ndarray:
        if self._input["dtype"] == "uint8":
            return levels
        if self._input["range"] is None:
            raise InputError(
                "the export does not say in which range the numbers of its images lie; give its "
                "encoder an input_range, such as (0.0, 1.0), and export again"
            )
        low, high = self._input["range"]
        return (low + (high - low) * (levels / 255)).astype(self._input["dtype"])


def open_served(url: str, resize: str = "crop") -> Explorer:
    """An explorer of the version that is served at `url`, with draws from its density as examples.

    Args:
      url: `http://HOST:8501/v1/models/NAME`, as of `iin_tf.serving.Client`.
      resize: what to do with one's own images of another size: "refuse", "crop", "fit" or
        "stretch".

    Raises:
      InputError: nobody answers there, or it is no export of this package.
    """
    at = Address.parse(url)
    try:
        with Client(url) as client:
            # One version from beginning to end: codes of another would be meaningless.
            pinned = f"{at.scheme}://{at.host}/v1/models/{at.name}/versions/{client.version}"
        return _explorer(pinned, resize)
    except (ConnectionError, TimeoutError, ServerError) as error:
        raise InputError(
            f"url is {url!r}: {error}; start its server, or give the address of another"
        ) from error


def _explorer(url, resize):
    client = Client(url)
    model = RemoteModel(client, resize)
    z = client.sample(_SAMPLES)
    codes = model.transform(z)
    ids = [f"draw {number}" for number in range(len(z))]
    gallery = Gallery(model.layout, ids, z, codes, model.log_prob(z), kind="draws of the network")
    return Explorer(
        model,
        gallery,
        Directions(model.layout, codes),
        blocks_read(Results.from_metrics(model.description.get("held_out") or {}), model.layout),
        opened=f"open_served({url!r})",
    )


def _taken(asked):
    shape, dtype = asked.get("shape", []), asked.get("dtype")
    if dtype == "string" and len(shape) == 1:
        return TEXTS
    sized = len(shape) == 4 and None not in shape[1:] and shape[-1] in (1, 3)
    return IMAGES if sized and dtype in ("uint8", "float32") else None
