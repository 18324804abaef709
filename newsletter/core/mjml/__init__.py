"""The check of MJML: what MJML does not know, and what mjml-python would get wrong without a word.

A layout's templates are read as they stand in their files, with Jinja tags anywhere, so that every problem has its
line; so is what an editor writes into a block of kind `raw`:

    jinja       where Jinja's tags stand          components  what MJML allows (components.json)
    markup      the tags, words and comments      values      what an attribute may hold
    opened      the tags that are open            attributes  the attributes of one tag
    branches    what Jinja's blocks leave open    places      what may stand where
    walking     one template, from top to bottom  engine      what mjml-python gets wrong
    checking    all templates of a layout
    fragment    the MJML in an issue
"""
