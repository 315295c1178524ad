"""Malformed input for every way in: surfaces by name, each in the file of its kind."""

from fuzzing.arguments import layouts, measure_arguments
from fuzzing.binaries import ground_truth_files, keras_files, latent_stores
from fuzzing.configs import config_files, config_overrides
from fuzzing.requests import server_requests
from fuzzing.tables import label_tables, pair_tables
from fuzzing.workdirs import workdir_files

# Name -> function (random generator, empty folder) that feeds the package one malformed input.
SURFACES = {
    "config_overrides": config_overrides,
    "config_files": config_files,
    "pair_tables": pair_tables,
    "label_tables": label_tables,
    "latent_stores": latent_stores,
    "keras_files": keras_files,
    "workdir_files": workdir_files,
    "layouts": layouts,
    "measure_arguments": measure_arguments,
    "ground_truth_files": ground_truth_files,
    "server_requests": server_requests,
}
