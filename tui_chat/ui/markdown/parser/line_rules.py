"""Try only the block rules that a line's first character allows.

For each line, and for each quote or list around it, markdown-it calls all rules that could end the block before that
line: eight calls for one letter, ten levels deep. Most rules need a certain first character, so a look at it
replaces the calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    Rule: TypeAlias = Callable[[StateBlock, int, int, bool], bool]

FIRST_CHARACTERS = {
    "fence": "`~",
    "math_block": "$\\",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "note": "[",
    "html_block": "<",
    "heading": "#",
}
"""The characters with which a line begins that a rule matches. Rules without an entry are tried on each line."""

TABLES = frozenset(("table", "plain"))
"""Rules for tables, which depend on the first character of the next line."""

DELIMITERS = "|-:"
"""The characters with which the second line of a table begins."""

CHAINS = ("paragraph", "reference", "blockquote", "list")
"""The rules that end such a block; markdown-it only asks them whether they match."""


def try_fewer_rules(markdown: MarkdownIt) -> None:
    """Let a parser that has all its rules look at the first character of a line before it tries them."""
    ruler = markdown.block.ruler
    rules_of = ruler.getRules
    names = dict(zip(rules_of(""), ruler.get_active_rules(), strict=True))
    chains = {chain: [_end_rule({names[rule]: rule for rule in rules_of(chain)})] for chain in CHAINS}

    def quick_rules_of(chain: str = "") -> list[Rule]:
        return chains[chain] if chain in chains else rules_of(chain)

    ruler.getRules = quick_rules_of  # type: ignore[method-assign, assignment]


def _end_rule(rules: dict[str, Rule]) -> Rule:
    """One rule that matches where one of `rules`, by name, does."""
    tables = [rule for name, rule in rules.items() if name in TABLES]
    others = {name: rule for name, rule in rules.items() if name not in TABLES}

    def begun_by(character: str) -> Sequence[Rule]:
        return [rule for name, rule in others.items() if character in FIRST_CHARACTERS.get(name, character)]

    by_character = {character: begun_by(character) for character in "".join(FIRST_CHARACTERS.values())}
    for_letters, for_spaces = begun_by("a"), list(others.values())

    def ends(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        source, begin = state.src, state.bMarks[first] + state.tShift[first]
        character = source[begin : begin + 1]
        if tables and first + 1 < last:
            below = state.bMarks[first + 1] + state.tShift[first + 1]
            if source[below : below + 1] in DELIMITERS and any(rule(state, first, last, silent) for rule in tables):
                return True
        begun = by_character.get(character)
        if begun is None:  # the rule for formulas strips any white space, also a no-break space
            begun = for_spaces if character.isspace() else for_letters
        # no generator: this is called for each line on each level
        for rule in begun:  # noqa: SIM110
            if rule(state, first, last, silent):
                return True
        return False

    return ends
