"""A SavedModel of any origin as a first stage."""

from pathlib import Path

import tensorflow as tf

from iin_tf.first_stages.base import FirstStage


class SavedModelFirstStage(FirstStage):
    """Signatures of a SavedModel, which need none of the code that made it.

    `encode` takes one tensor and returns outputs named mean and log_variance [B, N], or one
    output z [B, N] of any name; `decode` takes one tensor [B, N] and returns one.

    Args:
      path: directory of the SavedModel.
      encode: name of the signature that encodes.
      decode: name of the signature that decodes; None where there is none.
      noise: None for a signature with log_variance; for z alone see `FirstStage`.

    Raises:
      ValueError: no SavedModel at `path`, no signature of that name, or one of another form.
    """

    def __init__(self, path, encode="encode", decode="decode", noise=None):
        if not (Path(path) / "saved_model.pb").is_file():
            raise ValueError(f"path is {str(path)!r}, which holds no saved_model.pb")
        # Kept whole, because its variables live only as long as it does.
        model = tf.saved_model.load(str(path))
        encoder = _signature(model, "encode", encode)
        moments = encoder.structured_outputs
        if len(moments) != 1 and set(moments) != {"mean", "log_variance"}:
            raise ValueError(
                f"encode is {encode!r}, a signature with outputs {sorted(moments)}; "
                "give one with mean and log_variance, or with one output"
            )
        size = moments["mean" if len(moments) == 2 else next(iter(moments))].shape[-1]
        if size is None:
            raise ValueError(f"encode is {encode!r}, a signature whose output has no fixed width")
        super().__init__(size, noise)
        self.model = model
        self._encode = encoder
        self._decode = None if decode is None else _signature(model, "decode", decode)

    @property
    def input_spec(self):
        (spec,) = self._encode.structured_input_signature[1].values()
        return tf.TensorSpec(spec.shape, spec.dtype)

    @property
    def has_decoder(self):
        return self._decode is not None

    def represent(self, x):
        outputs = _call(self._encode, x)
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs

    def decode(self, z):
        if self._decode is None:
            raise ValueError("decode is None: this SavedModel's representations stay undecoded")
        return next(iter(_call(self._decode, z).values()))


def _signature(model, argument, name):
    if name not in model.signatures:
        raise ValueError(
            f"{argument} is {name!r}, but the SavedModel has the signatures "
            f"{sorted(model.signatures)}; give one of them"
        )
    signature = model.signatures[name]
    inputs = signature.structured_input_signature[1]
    if len(inputs) != 1:
        raise ValueError(
            f"{argument} is {name!r}, a signature with inputs {sorted(inputs)}; give one with one"
        )
    return signature


def _call(signature, tensor):
    ((name, spec),) = signature.structured_input_signature[1].items()
    return signature(**{name: tf.cast(tensor, spec.dtype)})
