"""Trained networks for use elsewhere: export to TensorFlow Serving."""
