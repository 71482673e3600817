"""The web side: what the pages and the command line clients talk to (docs/openapi.json).

`registrar` and `box` know nothing of each other; `app` puts together what this host serves.
"""
