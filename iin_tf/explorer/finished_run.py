"""An explorer of a finished run."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from ml_collections import ConfigDict

import iin_tf
from iin_tf.audits.probes import train_probes
from iin_tf.checks import InputError, is_missing
from iin_tf.data import LatentStore
from iin_tf.data.examples import Examples
from iin_tf.experiment.config_file import load_config
from iin_tf.experiment.finished import first_stage_of
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.sources import load_examples
from iin_tf.experiment.workdir import Workdir
from iin_tf.explorer.directions import Circle, Directions
from iin_tf.explorer.explorer import Explorer
from iin_tf.explorer.gallery import Gallery
from iin_tf.explorer.models import LocalModel
from iin_tf.explorer.reads import blocks_read
from iin_tf.results import Results

# Of the test examples; of the training examples that probes learn from.
_MOST_EXAMPLES, _MOST_PROBED = 5000, 2000


def open_workdir(
    workdir: str | os.PathLike,
    config: ConfigDict | str | os.PathLike | None = None,
    resize: str = "crop",
) -> Explorer:
    """An explorer of a finished run, with one view of each of its held-out originals.

    Args:
      workdir: of a run; it is only read.
      config: of the run, or its file; None for the one that the workdir has written down.  A file
        with `get_data` or `get_first_stage` of its own is needed again.
      resize: what to do with one's own images of another size: "refuse", "crop", "fit" or
        "stretch".

    Raises:
      InputError: the run is not finished, or its data are no longer what they were.
    """
    place = Workdir(workdir)
    used = _config(config, recorded_config(place))
    network = iin_tf.load(place.network)
    store = LatentStore(place.latents / "test")
    rows = one_view_each(store, used.data.factors)[:_MOST_EXAMPLES]
    stage, x = None, None
    if used.first_stage.kind != "none":
        stage, x = first_stage_of(place, used), _inputs(used, store, rows)
    model = LocalModel(network, stage, x, resize)
    z = np.array(store.mean[rows])
    # Factors first: what the network is about.
    names = sorted(store.labels, key=lambda name: name not in network.layout.factor_names)
    labels = {name: np.asarray(store.labels[name][rows]) for name in names}
    codes, log_prob = model.transform(z), model.log_prob(z)
    layout, periods = network.layout, dict(used.pairs.periods)
    opened = [os.fspath(workdir), used.get("code", "")]
    gallery = Gallery(
        layout, store.id[rows], z, codes, log_prob, labels, x, "held-out examples", periods
    )
    return Explorer(
        model,
        gallery,
        Directions(layout, codes, _circles(layout, codes, labels, periods)),
        blocks_read(_measured(place), layout),
        None if model.has_decoder else _probes(place, layout.factor_names),
        f"open_workdir({', '.join(map(repr, filter(None, opened)))})",
    )


def _config(given: ConfigDict | str | os.PathLike | None, recorded: ConfigDict) -> ConfigDict:
    if given is None or isinstance(given, ConfigDict):
        return recorded if given is None else given
    path = os.fspath(given)
    config = load_config(path)
    with config.unlocked():
        config.code = path.partition(":")[0]
    return config


def _measured(workdir: Workdir) -> Results:
    path = workdir.evaluation / "metrics.json"
    return Results.read(path) if path.is_file() else Results()


def _inputs(config, store, rows) -> Any:
    """The inputs of the test examples, in the order of their store."""
    examples: Examples = load_examples(config, "test")
    if len(examples) != len(store) or not np.array_equal(examples.id, store.id):
        raise InputError(
            f"the data of {config.data.source!r} give {len(examples)} test examples that are not "
            f"the {len(store)} of the run; give the data as they were"
        )
    return examples.select(rows).x


def _circles(layout, codes, labels: Mapping, periods: Mapping) -> dict[str, Circle]:
    found = {}
    for name in layout.factor_names:
        if name not in periods or name not in labels or layout.sizes[layout.index(name)] < 2:
            continue
        known = ~is_missing(labels[name])
        part = codes[known][:, layout.slices[name]]
        found[name] = Circle.fit(part, labels[name][known], periods[name])
    return found


def _probes(workdir: Workdir, factors: tuple[str, ...]) -> dict[str, Any]:
    """What reads the factors of edited representations, where nothing decodes them."""
    store = LatentStore(workdir.latents / "train")
    rows = np.sort(np.random.default_rng(0).permutation(len(store))[:_MOST_PROBED])
    labels = {
        name: np.asarray(store.labels[name][rows]) for name in factors if name in store.labels
    }
    if not labels:
        return {}
    z, noise = (np.asarray(part[rows]) for part in (store.mean, store.log_variance))
    return train_probes(z, labels, np.asarray(store.source[rows]), 0, noise)
