"""Values and pure functions: no clock, randomness, environment, files or network."""
