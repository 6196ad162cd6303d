"""Thin commands over the library: one module per command, imported only when it is called."""
