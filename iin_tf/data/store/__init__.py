"""Latents on disk, and the way from there into training."""
