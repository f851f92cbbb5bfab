"""Conditions: a subset of the Common Expression Language, checked and compiled to array operations."""

from sluicegate.policy.cel.ast import Node
from sluicegate.policy.cel.compiling import Compiler, Rows, Values
from sluicegate.policy.cel.parsing import parse_condition
from sluicegate.policy.cel.syntax import ConditionError
from sluicegate.policy.cel.text import to_text

__all__ = ["Compiler", "ConditionError", "Node", "Rows", "Values", "parse_condition", "to_text"]
