"""Importing: read into staging, understand, plan, decide, apply (SPEC.md 4)."""
