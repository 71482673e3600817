"""The command line: the outermost layer, which starts everything."""
