"""Export of a trained network as a SavedModel with named endpoints."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from iin_tf import checks, files
from iin_tf.checks import InputError
from iin_tf.first_stages import FirstStage
from iin_tf.models.activations import exported_forms
from iin_tf.models.interpretation_network import InterpretationNetwork
from iin_tf.serving.description import DESCRIPTION_FILE, EXTRA, describe
from iin_tf.serving.description_endpoint import DescriptionEndpoint
from iin_tf.serving.endpoints import NetworkEndpoints
from iin_tf.serving.input_endpoints import InputEndpoints
from iin_tf.serving.server_files import write_server_files
from iin_tf.serving.versions import add_version
from iin_tf.serving.warm_up import write_warm_up


def export(
    network: InterpretationNetwork,
    path: str | os.PathLike,
    first_stage: FirstStage | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Path:
    """Writes the network as the next version of the SavedModel at `path`.

    The directory is what TensorFlow Serving is pointed at; whoever loads a version needs
    TensorFlow alone.  The endpoints, for B rows of N latents and K factors:

      transform(z) -> z_tilde; also serving_default
      invert(z_tilde) -> z
      factors(z) -> one output a block, by its name
      swap(z, donor, blocks) -> z_new: z with the donor's blocks, `blocks` bool [B, K+1]
      erase(z, blocks, seed) -> z_new: z with these blocks drawn anew, each row by its own seed
      interpolate(z, donor, blocks, t) -> z_new: at `t` [B] on the way from z (0) to swap (1)
      log_prob(z) -> log_prob [B], nats
      pair_log_prob(z_a, z_b, shared) -> log_prob [B], nats: `shared` bool [B, K+1]
      same(z_a, z_b) -> ratio [B, K+1], nats: log-likelihood of sharing each block over not
      sample(seed) -> z: each row from its own `seed`, int64 [B]
      layout(block) -> name, size: of the blocks with these numbers, int64 [B]
      description(row) -> json: the description below, the same for each row, int64 [B]

    And with a first stage, for inputs x [B, ...]:

      encode(x) -> mean, log_variance; decode(z) -> x; head(z) -> output: what the stage has
      factors_of_input(x) -> one output a block, by its name
      swap_inputs(x, donor, blocks), erase_inputs(x, blocks, seed),
      interpolate_inputs(x, donor, blocks, t) -> x_new: the same edits, decoded
      response(x, blocks, seed) -> deviation [B, outputs]: of the head's outputs over 100 draws
        of these blocks

    `assets.extra` has a description in JSON and a request of each signature, with which
    TensorFlow Serving warms up; `<path>/serving`, files to start it with.

    Args:
      network: InterpretationNetwork.
      path: directory of the model; versions in it are left as they are.
      first_stage: the FirstStage whose representations the network translates, or None.
      facts: what else the description is to say, as plain JSON values.

    Returns:
      `pathlib.Path` of the new version, `<path>/<number>`.

    Raises:
      InputError: an argument is of another kind, the first stage's representation is not the
        network's, a factor is called "z" (or "x", where a first stage is given), a weight is not
        finite, or `path` cannot be written or is a version itself.
    """
    _check_network(network, first_stage)
    _check_first_stage(first_stage, network.layout.latent_size)
    path = _checked_path(path)
    endpoints = NetworkEndpoints(network)
    with exported_forms():
        functions = endpoints.trace()
        if first_stage is not None:
            functions |= InputEndpoints(network, first_stage, endpoints).trace()
    names = [*functions, "description"]
    described = describe(network.layout, names, first_stage, facts or {})
    functions |= DescriptionEndpoint(described).trace()
    module = _holder(functions, first_stage)

    def write(directory):
        signatures = {"serving_default": functions["transform"], **functions}
        tf.saved_model.save(module, str(directory), signatures=signatures)
        files.write_json(directory / EXTRA / DESCRIPTION_FILE, described)
        write_warm_up(directory / EXTRA, functions, first_stage)

    version = add_version(path, write)
    write_server_files(path)
    return version


def _holder(functions, first_stage):
    """A module that tracks what the functions read, once, and nothing else."""
    module = tf.Module()
    read = [v for function in functions.values() for v in _in_order_of_use(function)]
    module.variables_read = list({v.ref(): v for v in read}.values())
    if first_stage is not None:
        # Such as the vocabulary of a text encoder.
        module.resources = [
            node
            for node in tf.train.TrackableView(first_stage).descendants()
            if isinstance(node, tf.saved_model.experimental.TrackableResource)
        ]
    return module


def _in_order_of_use(function):
    # `variables` comes out of a set, in another order each time: equal exports would differ.
    places = {id(tensor): place for place, tensor in enumerate(function.captured_inputs)}
    return sorted(function.variables, key=lambda variable: places[id(variable.handle)])


def _check_network(network, first_stage):
    if not isinstance(network, InterpretationNetwork):
        raise InputError(
            f"network is a {type(network).__name__}; give an iin_tf.InterpretationNetwork "
            "(iin_tf.load reads a saved one)"
        )
    inputs = ["z"] if first_stage is None else ["z", "x"]
    for name in sorted(set(inputs) & set(network.layout.names)):
        raise InputError(
            f"the factor name {name!r} is also the name of an endpoint's input; make a network "
            "with another name and give it the weights: set_weights(network.get_weights())"
        )
    network.check_weights()


def _check_first_stage(first_stage, latent_size):
    if first_stage is None:
        return
    if not isinstance(first_stage, FirstStage):
        raise InputError(
            f"first_stage is a {type(first_stage).__name__}; give an iin_tf.first_stages.FirstStage"
            ", such as KerasFirstStage(encoder, decoder)"
        )
    if first_stage.latent_size != latent_size:
        raise InputError(
            f"first_stage has {first_stage.latent_size} latents, but the network translates "
            f"{latent_size}; give the first stage whose representations it was trained on"
        )


def _checked_path(path):
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise InputError(f"path is {checks.shown(path)}; give a directory for the versions")
    path = Path(path)
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise InputError(
            f"path {str(path)!r} cannot be written, because {str(existing)!r} is no directory or "
            "is protected; give a directory for the versions"
        )
    if (path / "saved_model.pb").exists():
        raise InputError(
            f"path {str(path)!r} is a SavedModel itself; give the directory above it, "
            "which holds the versions"
        )
    return path
