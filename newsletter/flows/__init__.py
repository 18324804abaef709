"""Use cases in the editor's words, one module each; they get ports, never edges."""
