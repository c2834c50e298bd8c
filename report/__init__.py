"""Words: the store of what is finished, the report's pages, and the command line."""
