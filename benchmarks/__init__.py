"""Measurements against named peers; each prints what it measured."""
