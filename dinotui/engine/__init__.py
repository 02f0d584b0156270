"""The use cases: importing, exporting, history and the rest. Knows no screen."""
