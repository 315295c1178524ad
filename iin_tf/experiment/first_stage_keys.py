"""What an experiment's config can say of its first stage."""

from iin_tf import checks
from iin_tf.experiment import key_checks as takes
from iin_tf.experiment.key_checks import Key
from iin_tf.first_stages.choices import NOISE_KINDS, PIXELS

_COUNT, _POSITIVE = takes.at_least(1), takes.number(above=0)

FIRST_STAGE = {
    "kind": Key("autoencoder", takes.one_of((*takes.TRAINED, *takes.GIVEN))),
    "latent_size": Key(64, takes.at_least(2)),
    "steps": Key(2500, _COUNT),
    "batch_size": Key(128, _COUNT),
    "learning_rate": Key(2e-3, _POSITIVE),
    "kl_weight": Key(2e-3, takes.number(least=0)),
    # Of a deterministic representation: a fraction of each dimension's spread, or of one size
    # in all directions.
    "noise": Key(0.05, _POSITIVE),
    "noise_kind": Key("proportional", takes.one_of(NOISE_KINDS)),
    # Of a model of your own: its .keras file; the directory of its SavedModel; the weights of
    # an application, or "random".
    "path": Key("", takes.text),
    "application": Key("", takes.text),  # its name in keras.applications
    "classes": Key(1000, takes.at_least(0)),  # of an application; 0: without those layers
    "layer": Key("", takes.text),  # to cut behind; "": what the whole model gives
    # Of an output with positions: None, "mean", "max", "flatten", "positions", or the one.
    "pool": Key(None, takes.pool),
    "image_size": Key(0, takes.at_least(0)),  # side that images are resized to; 0: their own
    "pixels": Key("0..255", takes.one_of(PIXELS)),  # what the model takes for 0 .. 255
    # Of a SavedModel: signatures, "" where there is none, and which output of encode is z.
    "encode": Key("encode", takes.name),
    "output": Key("", takes.text),
    "decode": Key("", takes.text),
    "head": Key("", takes.text),
    # Whether edits are brought into the values that z can have, and these: (least, largest).
    "clip": Key(False, checks.flag),
    "value_range": Key(None, takes.value_range),
}
