"""Files that TensorFlow Serving is started with, beside the versions of a model."""

import json
from pathlib import Path

from iin_tf import files

# TensorFlow Serving passes over names that are no numbers.
FOLDER = "serving"

_MODELS = """\
model_config_list {{
  config {{
    name: {name}
    base_path: {base_path}
    model_platform: "tensorflow"
    # The newest version; another number here keeps so many.
    model_version_policy {{ latest {{ num_versions: 1 }} }}
  }}
}}
"""

# Waits at most 2 ms for others to answer together.
_BATCHING = """\
max_batch_size { value: 256 }
batch_timeout_micros { value: 2000 }
num_batch_threads { value: 4 }
max_enqueued_batches { value: 64 }
"""

_MONITORING = """\
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""

_COMPOSE = """\
services:
  serving:
    # Name the release that you have tested in place of latest.
    image: tensorflow/serving:latest
    command:
      - --model_config_file=/config/models.config
      - --model_config_file_poll_wait_seconds=60
      - --enable_batching=true
      - --batching_parameters_file=/config/batching.config
      - --monitoring_config_file=/config/monitoring.config
    ports:
      - "127.0.0.1:8500:8500"
      - "127.0.0.1:8501:8501"
    volumes:
      - ..:{mount}:ro
      - .:/config:ro
    healthcheck:
      # The image has no curl; bash opens the port itself.
      test: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8501"]
      interval: 10s
      retries: 6
    restart: unless-stopped
"""


def write_server_files(path: Path) -> None:
    """Writes `<path>/serving`: models.config, batching.config, monitoring.config, compose.yaml.

    A file that stands there already stays as it is: somebody may have changed it.

    Args:
      path: directory of the model; its name is the model's.
    """
    name = path.resolve().name
    base_path = f"/models/{name}"
    contents = {
        "models.config": _MODELS.format(name=json.dumps(name), base_path=json.dumps(base_path)),
        "batching.config": _BATCHING,
        "monitoring.config": _MONITORING,
        "compose.yaml": _COMPOSE.format(mount=base_path),
    }
    folder = path / FOLDER
    folder.mkdir(exist_ok=True)
    for file, text in contents.items():
        if not (folder / file).exists():
            files.write_text(folder / file, text)
