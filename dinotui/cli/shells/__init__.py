"""Scripts that complete command lines, one module a shell, written from the parsers."""
