"""What was measured: names, values, intervals, and how they are written down."""
