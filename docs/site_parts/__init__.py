"""What the documentation site has of its own, beside Sphinx and its extensions."""
