"""Whole builds, kept as files: a case is a folder with its sources and the bytes that they give.

A folder holds issue.yaml and publication.yaml, or from.txt with the name of an issue of the project; what stands in
its layout/ joins the layout. Adding a case is adding a folder; `make golden` writes what it gives, and the diff is read
like code.
"""
