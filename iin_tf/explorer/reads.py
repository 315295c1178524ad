"""What a run measured that each block reads, in words."""

from iin_tf.factors import FactorLayout
from iin_tf.reporting.remarks import strongest
from iin_tf.results import Result, Results


def blocks_read(results: Results, layout: FactorLayout) -> dict[str, str]:
    """Block -> a phrase on each factor, strongest first; "" where nothing was measured.

    Args:
      results: of a run.
      layout: of its network.
    """
    factors = list(layout.factor_names)
    return {block: _phrase(results, block, factors) for block in layout.names}


def _phrase(results: Results, block: str, factors: list[str]) -> str:
    found = [(factor, _reading(results, block, factor)) for factor in factors]
    known = [(factor, reading) for factor, reading in found if reading is not None]
    known.sort(key=lambda pair: -pair[1].value)
    return "; ".join(_told(factor, reading) for factor, reading in known)


def _reading(results: Results, block: str, factor: str) -> Result | None:
    found = strongest(results, block, factor)
    if found is not None:
        return found
    return results.find("leakage/{block}/{factor}", block=block, factor=factor)


def _told(factor: str, reading: Result) -> str:
    if reading.name.endswith("/accuracy"):
        chance = "" if reading.null is None else f", by chance {reading.null:.0%}"
        return f"{factor}: right for {reading.value:.0%}{chance}"
    return f"{factor}: {max(0.0, reading.value):.0%} of its variance"
