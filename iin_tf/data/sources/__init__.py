"""Where examples come from: sets that the package brings, files, tensorflow-datasets."""
