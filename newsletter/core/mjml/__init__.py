"""The check of a layout's MJML: what MJML does not know, and what mjml-python would get wrong without a word.

Templates are read as they stand in their files, with Jinja tags anywhere, so that every problem has its line:

    jinja       where Jinja's tags stand          components  what MJML allows (components.json)
    markup      the tags, words and comments      values      what an attribute may hold
    walking     one template, from top to bottom  places      what may stand where
    checking    all templates of a layout         attributes  the attributes of one tag
                                                  engine      what mjml-python gets wrong
"""
