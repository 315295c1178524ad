"""Data sets with labels, the latent store, and the pair sampler."""
