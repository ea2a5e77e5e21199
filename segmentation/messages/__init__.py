"""Messages written to one person each: templates, the fields they may use, names as they are called, SMS parts.

A template is Jinja in a sandbox, cut down to a grammar that always ends: fields, a few filters, conditions, and one
loop over what is offered. Values go in as texts already written in the template's language.
"""
