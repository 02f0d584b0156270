"""Validation in one place: what can be wrong, the built-in checks, and the user's own rules (SPEC.md 4.3).

This is the door; behind it stand `problems` (the table of codes), `checks` (built in), `rules` (the model),
`rule_texts` (how rules are written) and `rule_checks` (how they are applied).
"""

from dinotui.domain.checks import MaxDays, check_lengths, check_stay, parse_max_days
from dinotui.domain.problems import (
    CORRECTIONS,
    LENGTH_LIMITS,
    MAX_DAYS_LIMIT,
    PROBLEMS,
    RULE_BROKEN,
    VERY_OLD_YEAR,
    Correction,
    Problem,
    Severity,
    make_correction,
    make_problem,
)
from dinotui.domain.rule_checks import compile_rules
from dinotui.domain.rule_texts import load_rules, parse_rule, rule_text, rules_to_json
from dinotui.domain.rules import OPERATORS, RULE_FIELDS, ValidationRule

__all__ = [
    "CORRECTIONS",
    "LENGTH_LIMITS",
    "MAX_DAYS_LIMIT",
    "OPERATORS",
    "PROBLEMS",
    "RULE_BROKEN",
    "RULE_FIELDS",
    "VERY_OLD_YEAR",
    "Correction",
    "MaxDays",
    "Problem",
    "Severity",
    "ValidationRule",
    "check_lengths",
    "check_stay",
    "compile_rules",
    "load_rules",
    "make_correction",
    "make_problem",
    "parse_max_days",
    "parse_rule",
    "rule_text",
    "rules_to_json",
]
