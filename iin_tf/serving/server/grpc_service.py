"""TensorFlow Serving's gRPC interface: Predict and GetModelMetadata, by its published messages."""

import concurrent.futures
import logging
import threading
from collections.abc import Callable
from typing import Any

import grpc
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from iin_tf.checks import InputError
from iin_tf.serving.server.errors import Refused
from iin_tf.serving.server.limits import Limits
from iin_tf.serving.server.requests import Models, grpc_code
from iin_tf.serving.server.sockets import next_free

_LOG = logging.getLogger("iin_tf.serving")


class GrpcServer(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Answers from the same models as the web application.

    Args:
      models: Models.
      host: the address to listen on.
      port: 0 is any that is free.
      limits: Limits of requests.

    Raises:
      InputError: the port is in use.
    """

    def __init__(self, models: Models, host: str, port: int, limits: Limits):
        self._models = models
        self._most = most = limits.request_bytes
        # Two servers on one port would share its calls.
        options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", most)]
        pool = concurrent.futures.ThreadPoolExecutor(limits.threads, "iin_serve_grpc")
        self._server = grpc.server(pool, options=options, maximum_concurrent_rpcs=limits.concurrent)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(self, self._server)
        try:
            self.port = self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            free = next_free(host, port + 1)
            raise InputError(
                f"grpc_port {port} is in use or cannot be listened on; the next free one is {free}:"
                f" give --grpc_port={free}"
            ) from error

    def start(self) -> None:
        """Takes requests from here on."""
        self._server.start()

    def stop(self, grace: float) -> threading.Event:
        """Takes no more requests, and leaves `grace` seconds to those that are being answered.

        Returns:
          An event that is set when that is over.
        """
        return self._server.stop(grace)

    # The names are those of the published service.

    def Predict(self, request: Any, context: Any) -> Any:
        """PredictRequest -> PredictResponse."""
        return self._guarded(context, lambda: self._predicted(request))

    def GetModelMetadata(self, request: Any, context: Any) -> Any:
        """GetModelMetadataRequest -> GetModelMetadataResponse, with the signatures."""
        return self._guarded(context, lambda: self._described(request))

    def _guarded(self, context, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Refused as refused:
            code, words = grpc_code(refused), refused.words
        except Exception:
            _LOG.exception("a gRPC request failed")
            code, words = "INTERNAL", "the server failed; its log says how"
        context.abort(grpc.StatusCode[code], words)

    def _predicted(self, request):
        spec = request.model_spec
        inputs = {name: self._array(value, name) for name, value in request.inputs.items()}
        number, label = _which(spec)
        outputs, number = self._models.predict(
            spec.name, number, label, spec.signature_name, inputs
        )
        response = predict_pb2.PredictResponse()
        response.model_spec.name = spec.name
        response.model_spec.version.value = number
        response.model_spec.signature_name = spec.signature_name
        for name, value in outputs.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
        return response

    def _array(self, value, name):
        try:
            shape, dtype = tf.TensorShape(value.tensor_shape), tf.as_dtype(value.dtype)
            # One number may stand for all of a tensor: a small message for a large one.
            if (shape.num_elements() or 0) * dtype.size > self._most:
                raise Refused(413, f"{name} has more than {self._most} bytes")
            return tf.make_ndarray(value)
        except (LookupError, TypeError, ValueError) as error:
            words = " ".join(str(error).split())
            raise Refused(400, f"{name} is no tensor of numbers or texts ({words})") from error

    def _described(self, request):
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        definitions = get_model_metadata_pb2.SignatureDefMap()
        spec = request.model_spec
        with self._models.model(spec.name).use(*_which(spec)) as version:
            response.model_spec.name = spec.name
            response.model_spec.version.value = version.number
            for name, definition in version.definitions.items():
                definitions.signature_def[name].CopyFrom(definition)
        response.metadata["signature_def"].Pack(definitions)
        return response


def _which(spec):
    number = spec.version.value if spec.HasField("version") else None
    return number, spec.version_label or None
