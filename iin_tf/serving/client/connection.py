"""A connection to a served model that never mixes two of its versions."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, MissingPackage
from iin_tf.factors import RESIDUAL, FactorLayout
from iin_tf.files import check_format
from iin_tf.serving.client.address import Address
from iin_tf.serving.client.errors import ServerError
from iin_tf.serving.client.inputs import batches, checked, empty
from iin_tf.serving.client.transport import Transport
from iin_tf.serving.description import FORMAT
from iin_tf.serving.signatures import Signature

_T = TypeVar("_T")
# How often a version may be replaced during one call.
_VERSIONS = 5


@dataclasses.dataclass(frozen=True)
class Known:
    """What is known of one version: its number, its signatures, and its blocks."""

    version: int
    signatures: Mapping[str, Signature]
    layout: FactorLayout

    def signature(self, name: str) -> Signature:
        """The signature of that name.

        Raises:
          InputError: there is none; the message lists those that there are.
        """
        if name not in self.signatures:
            raise InputError(
                f"the served model has no signature {checks.shown(name)}; "
                f"it has {sorted(self.signatures)}"
            )
        return self.signatures[name]


class Connection:
    """What all methods of a client stand on; see `Client` for the arguments."""

    def __init__(self, url: str, timeout: float = 10.0, retries: int = 2, batch_size: int = 256):
        self._address = Address.parse(url)
        checks.number(timeout, "timeout", above=0)
        checks.whole(retries, "retries", least=0)
        self._batch_size = checks.whole(batch_size, "batch_size", least=1)
        self._transport = _transport(self._address, timeout, retries)
        self._known: Known | None = None

    @property
    def version(self) -> int:
        """The number of the version that answers."""
        return self._with_version(lambda known: known.version)

    @property
    def signatures(self) -> Mapping[str, Signature]:
        """What the served model can be asked, by name."""
        return self._with_version(lambda known: known.signatures)

    @property
    def layout(self) -> FactorLayout:
        """Names and sizes of the blocks of the served network."""
        return self._with_version(lambda known: known.layout)

    @property
    def description(self) -> dict[str, Any]:
        """What the export says of itself, as in its `description.json`.

        Raises:
          InputError: the export is of an earlier or a later form of this package.
        """
        told = json.loads(self.call("description", row=[0])["json"][0])
        check_format(told.get("format"), FORMAT, "the description of the served model")
        return told

    def refresh(self) -> None:
        """Looks for the newest version at the next call.

        A client stays with the version that it has found until that is no longer served.
        """
        self._known = None

    def call(self, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
        """The outputs of any signature, by name; all of one version.

        Args:
          signature: its name.
          **inputs: arrays [B, ...] by name.

        Raises:
          InputError: the signature is unknown, or an input isn't what it asks for.
          ServerError: the server says no, in its own words.
          ConnectionError: there is no connection, or it was cut.
          TimeoutError: the server is silent for too long.
        """
        return self._with_version(lambda known: self._call(known, signature, inputs))

    def _with_version(self, work: Callable[[Known], _T]) -> _T:
        """`work` from beginning to end on one version, again if that is replaced meanwhile."""
        for _ in range(_VERSIONS):
            try:
                return work(self._look())
            except ServerError as error:
                if not error.is_gone or self._address.version is not None:
                    raise
                gone, self._known = error, None
        raise gone

    def _call(self, known, name, inputs):
        signature = known.signature(name)
        arrays = checked(inputs, name, signature)
        parts = [
            self._transport.predict(known.version, name, signature, batch)
            for batch in batches(arrays, self._batch_size)
        ]
        if not parts:
            return empty(signature)
        return {key: np.concatenate([part[key] for part in parts]) for key in signature.outputs}

    def _look(self) -> Known:
        if self._known is None:
            version, signatures = self._transport.describe()
            self._known = Known(version, signatures, self._asked_layout(version, signatures))
        return self._known

    def _asked_layout(self, version, signatures):
        if not {"layout", "swap"} <= set(signatures):
            raise InputError(
                f"what is served at {self._address.host} as {self._address.name!r} is no export "
                f"of iin_tf; its signatures are {sorted(signatures)}"
            )
        blocks = signatures["swap"].inputs["blocks"].shape[-1]
        told = self._transport.predict(
            version, "layout", signatures["layout"], {"block": np.arange(blocks)}
        )
        sizes = dict(zip(told["name"].tolist(), told["size"].tolist(), strict=True))
        residual = sizes.pop(RESIDUAL)
        return FactorLayout(sizes, residual=residual)

    def close(self) -> None:
        """Closes the connection; a `with` statement does it too."""
        self._transport.close()

    def __enter__(self):
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _transport(address: Address, timeout: float, retries: int) -> Transport:
    try:
        if address.scheme == "grpc":
            from iin_tf.serving.client.grpc_transport import Grpc

            return Grpc(address, timeout, retries)
        from iin_tf.serving.client.rest import Rest

        return Rest(address, timeout, retries)
    except ImportError as error:
        extra = "grpc" if address.scheme == "grpc" else "client"
        raise MissingPackage(
            f'the client needs {error.name}: pip install "iin_tf[{extra}]"'
        ) from error
