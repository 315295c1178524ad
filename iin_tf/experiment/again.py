"""A run made again from its report."""

import os

from iin_tf.experiment.run import run_stages
from iin_tf.experiment.run_record import config_again, read_report, result_digests, said_of_results
from iin_tf.experiment.workdir import Workdir
from iin_tf.versions import library_versions


def run_again(
    report: str | os.PathLike,
    workdir: str | os.PathLike,
    strategy: str = "none",
    overwrite: bool = False,
) -> None:
    """Runs the experiment of a report, and says whether the same came out.

    Args:
      report: path of the report.html of a run.
      workdir: as in `run_stages`.
      strategy: as in `run_stages`.
      overwrite: as in `run_stages`.

    Raises:
      InputError: as `run_stages`; no report of a run, or an input file has changed since.
    """
    record = read_report(report)
    config = config_again(record)
    now = library_versions()
    others = [
        f"{key} {value}" for key, value in record["versions"].items() if now.get(key) != value
    ]
    if others:
        print(f"[iin] the report's run had {', '.join(others)}", flush=True)
    run_stages(config, workdir, strategy=strategy, overwrite=overwrite)
    from iin_tf.models.loading import load

    place = Workdir(workdir)
    found = result_digests(load(place.network), place.evaluation / "metrics.json")
    print(f"[iin] {said_of_results(record['result'], found)}", flush=True)
