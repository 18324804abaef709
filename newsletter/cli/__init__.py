"""The terminal door: options in, one flow, talk out."""
