"""Which two examples make a pair, and what they share: the samplers and their audit."""
