"""What the words mean: types and rules, no input or output."""
