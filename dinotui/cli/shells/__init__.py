"""Scripts that complete command lines, one module a shell, and the manual: all written from the parsers."""
