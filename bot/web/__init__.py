"""The HTTP interface for the pages and the command line clients (docs/openapi.json).

`registrar` and `box` are the routes of the two sides and know nothing of each other; `committee`,
`questions`, `dossiers` and `about` stand on the registrar's side, `sessions` is public. `page`
serves the built pages, `operation` the operator's numbers; `guard` is around every request,
`problems` turns errors into problem documents, and `tls` makes a certificate of our own.
"""
