"""The ports: what flows ask of the outside world, in at most about six methods each."""
