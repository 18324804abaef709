"""The studio: an issue as it will look, in the editor's own browser, following every save."""
