"""What figures do not say by themselves: contradictions, edits off the data, too few rows."""

from collections.abc import Iterable, Iterator

from iin_tf.audits.real_rows import MOST_LEFT
from iin_tf.results import Result, Results, number_text

# A response of this part of the whole is one; of that part, none.
_SOME_RESPONSE, _NO_RESPONSE = 0.1, 0.05
# Above its null, what a reader may reach by chance, or gain by twice the examples.
ABOVE_NULL, _GAIN = 0.05, 0.03
# Fewer originals than these, and a perceptron that finds nothing says little.
_FEW_ORIGINALS = 500


def remarks(results: Results, blocks: Iterable[str], factors: Iterable[str]) -> list[str]:
    """Sentences for a report, none where there is nothing to remark.

    Args:
      results: of a run.
      blocks: names of the network's blocks.
      factors: names of the factors.
    """
    blocks, factors = list(blocks), list(factors)
    return [
        *_edits(results, blocks),
        *_responses(results, blocks, factors),
        *_hidden(results, blocks, factors),
        *_few(results, blocks, factors),
    ]


def strongest(results: Results, block: str, factor: str) -> Result | None:
    """What the strongest reader finds of a factor in a block, if it was asked."""
    for score in ("accuracy", "r2"):
        found = results.find("strongest/{block}/{factor}/" + score, block=block, factor=factor)
        if found is not None:
            return found
    return None


def is_read(result: Result) -> bool:
    """Whether a reading is clearly above its null."""
    return result.value > max(0.0, result.null or 0.0) + ABOVE_NULL


def _edits(results: Results, blocks: list[str]) -> Iterator[str]:
    told = []
    for block in blocks:
        unlikely = results.find("swap/{block}/unlikely", block=block)
        far = results.find("swap/{block}/far", block=block)
        if unlikely and far and max(unlikely.value, far.value) > MOST_LEFT:
            told.append(f"of {block} {_percent(unlikely)} and {_percent(far)}")
    if told:
        yield (
            f"Exchanges that leave the data: {'; '.join(told)} are less likely than 99 % of real "
            "examples, and move further than 99 % of pairs of real examples differ (of real ones, "
            "1 % do). What is read of such edits may not be trusted."
        )


def _responses(results: Results, blocks: list[str], factors: list[str]) -> Iterator[str]:
    """Where outputs vary with a block in which nothing is read, or the other way round."""
    for block in blocks:
        share = results.find("response/{block}/share", block=block)
        about = None if share is None else share.protocol.get("reads")
        read = None if about not in factors else strongest(results, block, about)
        if share is None or read is None or block == about:
            continue
        values = f"{number_text(share.value)} of the whole"
        told = f"{_reading(read)}, null {number_text(read.null)}"
        if share.value > _SOME_RESPONSE and not is_read(read):
            yield (
                f"The outputs that read {about} vary with {block} ({values}), though no reader "
                f"finds {about} in it ({told}). Outputs may move without the decision: "
                f"{_changed(results, block)}."
            )
        elif share.value <= _NO_RESPONSE and is_read(read):
            yield (
                f"A reader finds {about} in {block} ({told}), though the outputs that read "
                f"{about} hardly vary with it ({values}): what stands there is not what they "
                "listen to."
            )


def _changed(results: Results, block: str) -> str:
    changed = results.find("response/{block}/changed", block=block)
    if changed is None:
        return f"how often it changes was not measured for {block}"
    return f"{_percent(changed)} of the draws of {block} change it"


def _hidden(results: Results, blocks: list[str], factors: list[str]) -> Iterator[str]:
    """Where a small regression finds nothing and the strongest reader does."""
    told = []
    for factor in factors:
        for block in blocks:
            small = results.find("leakage/{block}/{factor}", block=block, factor=factor)
            read = strongest(results, block, factor)
            if small is None or read is None or block == factor:
                continue
            if not is_read(small) and is_read(read):
                told.append(
                    f"{factor} in {block} ({number_text(small.value)}; {_reading(read)}, null "
                    f"{number_text(read.null)})"
                )
    if told:
        yield (
            "Where the small regression of “What the blocks tell” finds nothing, the strongest "
            f"reader does find {', '.join(told)}: believe the stronger one."
        )


def _few(results: Results, blocks: list[str], factors: list[str]) -> Iterator[str]:
    """Where readers had too few rows to tell."""
    originals = results.find("originals/{split}", split="read")
    if originals is not None and originals.value < _FEW_ORIGINALS:
        yield (
            f"The strongest readers learned from {originals.value} originals only: where they find "
            f"nothing, it may still be there. {_FEW_ORIGINALS} or more would tell."
        )
    rising = [
        (block, factor)
        for factor in factors
        for block in blocks
        if block != factor and _still_rises(results, block, factor)
    ]
    if rising:
        told = ", ".join(f"{factor} in {block}" for block, factor in rising)
        yield (
            f"Twice the training examples let readers find clearly more of {told}: with still "
            "more rows (evaluation.reader_rows, or more data) they would read more than is shown."
        )


def _still_rises(results: Results, block: str, factor: str) -> bool:
    gain = results.find("strongest_gain/{block}/{factor}", block=block, factor=factor)
    read = strongest(results, block, factor)
    # Below the null, half and all of the rows are two readings of nothing.
    nothing = read is not None and read.value <= max(0.0, read.null or 0.0)
    return gain is not None and gain.value > _GAIN and not nothing


def _reading(result: Result) -> str:
    return f"{result.unit} {number_text(result.value)}"


def _percent(result: Result) -> str:
    return f"{100 * result.value:.1f} %"
