"""What a frozen model must offer, and adapters that make models offer it."""
