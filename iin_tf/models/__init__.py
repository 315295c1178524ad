"""The interpretation network, and the models that serve as first stages."""
