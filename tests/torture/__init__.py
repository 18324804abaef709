"""The crash campaign: senders killed at random moments, on either store, in either mode, alone and together.

`python -m tests.torture` (`make torture`) kills three hundred; the test suite kills a few of them, with the same seed.
"""
