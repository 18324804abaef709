"""The browser doors."""
