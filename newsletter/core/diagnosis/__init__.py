"""The diagnosis of a publication: facts that were gathered before in, lines out; one function for each check.

`diagnose` in `diagnosis.all` is the list of them. Nothing here asks anybody anything: see `diagnosis.ports`.
"""
