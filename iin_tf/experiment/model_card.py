"""The page of a model, in the form that model hubs read."""

from typing import Any

import yaml
from ml_collections import ConfigDict

from iin_tf.factors import FactorLayout
from iin_tf.reporting.key_figures import key_figures
from iin_tf.reporting.verdict import verdicts
from iin_tf.results import Result, Results

_USE = """\
## Use

```python
import iin_tf
from huggingface_hub import snapshot_download

folder = snapshot_download("OWNER/NAME")
network = iin_tf.load(f"{folder}/iin.keras")
blocks = network.factors(z)  # z [B, %d]: representations of the first stage
```

`saved_model/` is the same network as a TensorFlow SavedModel, with named signatures;
`saved_model/assets.extra/description.json` describes it.
"""


def model_card(config: ConfigDict, layout: FactorLayout, results: Results | None) -> str:
    """The text of README.md: what hubs read, between two lines of dashes, and what people read.

    Args:
      config: ConfigDict of the experiment.
      layout: of the network.
      results: held-out results, None where nothing was measured.
    """
    header = yaml.safe_dump(_header(config, results), sort_keys=False, allow_unicode=True)
    parts = [f"---\n{header}---\n", f"# {config.export.name}\n", _what(config, layout)]
    if results is not None:
        parts.append(_figures(config, results))
    parts.append(_USE % layout.latent_size)
    return "\n".join(parts)


def _header(config, results) -> dict[str, Any]:
    header: dict[str, Any] = {
        "library_name": "iin_tf",
        "tags": [
            "invertible-interpretation-network",
            "disentanglement",
            "interpretability",
            "normalizing-flow",
            "tensorflow",
        ],
    }
    if results is None:
        return header
    metrics = [_metric(one) for one in _shown(config, results)]
    if metrics:
        task = {"type": "feature-extraction", "name": "Named factors of a representation"}
        source = config.data.source
        result = {"task": task, "dataset": {"type": source, "name": source}, "metrics": metrics}
        header["model-index"] = [{"name": config.export.name, "results": [result]}]
    return header


def _metric(result: Result) -> dict[str, Any]:
    return {"type": result.name, "name": result.title, "value": float(result.value)}


def _shown(config, results):
    """The results that a hub lists: what exchanges do to each factor, likelihood, round trip."""
    found = [results.find("nll/{split}", split="test"), results.find("round_trip/max_error")]
    for factor in config.data.factors:
        for kind in ("donor", "recipient", "donor_error", "recipient_error"):
            found += results.of(f"swap/{{block}}/{{factor}}/{kind}", factor=factor).values()
    return [one for one in found if one is not None]


def _what(config, layout):
    sizes = zip(layout.names, layout.sizes, strict=True)
    blocks = ", ".join(f"{name} ({size})" for name, size in sizes)
    return (
        "An invertible interpretation network: it translates the representation of a frozen model "
        f"({config.first_stage.kind}, {layout.latent_size} numbers, data: {config.data.source}) "
        f"into named blocks, and back without loss. Blocks and their sizes: {blocks}.\n"
    )


def _figures(config, results):
    table = key_figures(results, config.data.factors)
    lines = ["## Held-out figures\n"]
    if table.rows:
        lines += [f"| {' | '.join(table.columns)} |", f"|{' --- |' * len(table.columns)}"]
        lines += [f"| {' | '.join(cells)} |" for _, cells in table.rows]
        lines.append("")
    lines += [f"- {one.factor}: {one.found}" for one in verdicts(results, config.data.factors)]
    return "\n".join(lines) + "\n"
