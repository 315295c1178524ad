"""Tables of a run, read back from its flat metrics."""

import numpy as np


def swap_rows(metrics):
    """Rows of block, read-out, role, value, low, high, of the exchanged blocks."""
    rows = []
    for name, value in metrics.items():
        if name.startswith("swap/") and f"{name}/low" in metrics:
            _, block, factor, role = name.split("/")
            interval = (metrics[f"{name}/low"], metrics[f"{name}/high"])
            rows.append((block, factor, role.replace("_", " "), value, *interval))
    return rows


def measure_rows(metrics):
    """Rows of measure, value, low, high (None without an interval), of the block measures."""
    prefix = "disentanglement/"
    rows = []
    for name, value in metrics.items():
        if name.startswith(prefix) and not name.endswith(("/low", "/high")):
            ends = (metrics.get(f"{name}/low"), metrics.get(f"{name}/high"))
            rows.append((name.removeprefix(prefix), value, *ends))
    return rows


def leakage_table(metrics):
    """What each block tells of each factor: blocks, factors, told [B, K], null [B, K].

    None where the run has no factors.
    """
    cells = [name.split("/")[1:] for name in metrics if name.startswith("leakage/")]
    cells = [cell for cell in cells if len(cell) == 2]
    if not cells:
        return None
    blocks, factors = (list(dict.fromkeys(names)) for names in zip(*cells, strict=True))
    told, null = (
        np.array([[metrics[f"leakage/{b}/{f}{end}"] for f in factors] for b in blocks])
        for end in ("", "/null")
    )
    return blocks, factors, told, null
