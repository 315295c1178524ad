"""Requests by gRPC, with TensorFlow Serving's published messages."""

from collections.abc import Mapping

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from iin_tf.serving.client.address import Address
from iin_tf.serving.client.errors import SenselessAnswer, ServerError
from iin_tf.serving.client.transport import Transport, again, read_answer
from iin_tf.serving.signatures import Signature, read_signatures

# gRPC's own limit, 4 MB, is below a batch of pictures.
_MOST_BYTES = 2**30


class Grpc(Transport):
    """Carries requests by gRPC.

    Args:
      address: Address.
      timeout: seconds for each request.
      retries: repetitions after connection errors.
    """

    def __init__(self, address: Address, timeout: float, retries: int):
        self._address, self._timeout, self._retries = address, timeout, retries
        sizes = ("grpc.max_receive_message_length", "grpc.max_send_message_length")
        options = [(name, _MOST_BYTES) for name in sizes]
        # It is told how long to wait by us alone.
        options += [("grpc.enable_retries", 0), ("grpc.enable_http_proxy", 0)]
        self._channel = grpc.insecure_channel(address.host, options=options)
        self._service = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def describe(self) -> tuple[int, dict[str, Signature]]:
        request = get_model_metadata_pb2.GetModelMetadataRequest()
        request.metadata_field.append("signature_def")
        self._choose(request.model_spec, self._address.version, self._address.label)
        answer = self._ask(self._service.GetModelMetadata, request)
        definitions = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(definitions)
        described = {
            name: MessageToDict(one, preserving_proto_field_name=True)
            for name, one in definitions.signature_def.items()
        }
        return answer.model_spec.version.value, read_signatures(described)

    def predict(
        self, version: int, name: str, signature: Signature, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        request = predict_pb2.PredictRequest()
        self._choose(request.model_spec, version, None)
        request.model_spec.signature_name = name
        for key, value in inputs.items():
            dtype = tf.string if value.dtype == object else value.dtype
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value, dtype))
        answer = self._ask(self._service.Predict, request)
        try:
            found = {key: tf.make_ndarray(one) for key, one in answer.outputs.items()}
            found = {key: _decoded(array, key) for key, array in found.items()}
            return read_answer(found, inputs, signature)
        except (LookupError, TypeError, ValueError, SenselessAnswer) as error:
            raise ServerError(f"the server's answer makes no sense: {error}", "OK") from error

    def close(self) -> None:
        self._channel.close()

    def _choose(self, spec, version, label):
        spec.name = self._address.name
        if version is not None:
            spec.version.value = version
        elif label is not None:
            spec.version_label = label

    def _ask(self, method, request):
        return again(lambda: self._send(method, request), self._retries)

    def _send(self, method, request):
        where = f"grpc://{self._address.host}"
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            code, words = error.code(), error.details()
        if code == grpc.StatusCode.UNAVAILABLE:
            raise ConnectionError(f"no connection to {where}: {words}")
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            raise TimeoutError(f"no answer from {where} in {self._timeout:g} s")
        raise ServerError(f"{words} (gRPC {code.name})", code.name)


def _decoded(array, name):
    """Texts as texts, as REST gives them."""
    if array.dtype != object or name.endswith("_bytes"):
        return array
    flat = [one.decode(errors="replace") for one in array.ravel()]
    return np.array(flat, object).reshape(array.shape)
