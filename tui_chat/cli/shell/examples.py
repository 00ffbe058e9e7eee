"""Examples for the help of each command."""

from __future__ import annotations

from typing import Final

EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "tui-chat": (
        "tui-chat                                  opens the full-screen chat",
        "tui-chat 'Why is the sky blue?'           asks this at once",
        "git diff | tui-chat 'Review this'         puts the piped text before the prompt",
        "tui-chat -c                               continues the most recent chat",
        "tui-chat -p reviewer --effort high        answers as the persona reviewer",
    ),
    "tui-chat ask": (
        "tui-chat ask 'Why is the sky blue?'",
        "git diff | tui-chat ask 'Write a commit message' -m gpt-4o",
        "tui-chat ask -x 'A shell script that renames files' > rename.sh",
        "tui-chat ask -t translate --set language=German 'Good morning'",
        "tui-chat ask --json 'Name three rivers' | jq -r .text",
    ),
    "tui-chat compare": (
        "tui-chat compare 'Why is the sky blue?' -m gpt-4o-mini -m qwen3:8b@local",
        "tui-chat compare -n 5 'Name three rivers' -m small@work -m large@work",
        "tui-chat compare --json 'Hello' -m @work -m @local | jq '.models[].summary'",
    ),
    "tui-chat plain": ("tui-chat plain", "tui-chat plain -c", "tui-chat plain < questions.txt > answers.txt"),
    "tui-chat listen": (
        "tui-chat listen https://example.org/events",
        "tui-chat listen --json --count 10 https://example.org/events",
        "tui-chat listen --save https://example.org/large.zip",
    ),
    "tui-chat doctor": ("tui-chat doctor", "tui-chat doctor -e work --cheap", "tui-chat doctor -m gpt-4o --json"),
    "tui-chat tap": ("tui-chat tap https://api.example.org",),
    "tui-chat replay": ("tui-chat replay reply.tape",),
    "tui-chat tape": (
        "tui-chat tape reply.tape",
        "tui-chat tape reply.tape --format report -o report.html",
        "tui-chat tape tapes/*.tape --format har > tapes.har",
    ),
    "tui-chat serve": (
        "tui-chat serve",
        "tui-chat serve --port 8000 --rate 50",
        "tui-chat serve --fault 'cut?after=9'      breaks off every reply",
    ),
    "tui-chat chats": ("tui-chat chats", "tui-chat chats -q bread --json"),
    "tui-chat search": ("tui-chat search bread starter", "tui-chat search '\"rye bread\"' --limit 5"),
    "tui-chat export": ("tui-chat export 1a2b3c4d > chat.md", "tui-chat export --all -o FOLDER/ --format html"),
    "tui-chat import": ("tui-chat import chats.jsonl",),
    "tui-chat usage": ("tui-chat usage", "tui-chat usage --by model --json", "tui-chat usage --by model --speed"),
    "tui-chat models": ("tui-chat models", "tui-chat models -e openrouter --json"),
    "tui-chat config": ("tui-chat config", "tui-chat config -e work"),
    "tui-chat keys": ("tui-chat keys", "tui-chat keys --list"),
    "tui-chat completion": (
        'eval "$(tui-chat completion bash)"        in ~/.bashrc',
        'eval "$(tui-chat completion zsh)"         in ~/.zshrc, after compinit',
        "tui-chat completion fish | source         in ~/.config/fish/config.fish",
    ),
}
"""By the words that call a command; what follows two or more blanks says what it does."""


def in_help(prog: str) -> str:
    """Return the examples of a command as a part of its help; empty if it has none."""
    lines = EXAMPLES.get(prog, ())
    return "examples:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""
