"""The arithmetic of calculated questions: read as a tree and computed exactly, never run.

Only numbers, + - * / and brackets; a formula with a function in it is no longer exact and is refused.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

FORMULA_CHARACTERS_MAX = 200  # so that nesting stays far from Python's limits
WILDCARD = re.compile(r"\{([A-Za-z0-9_.:-]{1,40})\}")

OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with `{A}` as its value."""
    return WILDCARD.sub(lambda found: values.get(found[1], found[0]), text)


def computed(formula: str, values: Mapping[str, str]) -> Fraction | None:
    """What the formula gives with these values; None when it is none that can be computed here."""
    written = WILDCARD.sub(lambda found: f"({values[found[1]]})" if found[1] in values else "?", formula).strip()
    if len(written) > FORMULA_CHARACTERS_MAX:
        return None
    try:
        return _worth(ast.parse(written, mode="eval").body, written)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _worth(node: ast.expr, written: str) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(ast.get_source_segment(written, node) or "")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = _worth(node.operand, written)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](_worth(node.left, written), _worth(node.right, written))
    raise ValueError(f"a formula may not hold {type(node).__name__}")
