"""From an issue and its layout to the bytes of an email."""
