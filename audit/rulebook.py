"""What `audit rules` says: every rule in a line, or one whole, in plain text."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from audit.errors import SettingsError
from audit.rules import TASKS
from audit.rulings import state_rule
from audit.topics import TOPICS
from audit.validation import suggest

if TYPE_CHECKING:
    from audit.rules import Rule
    from audit.settings import Settings

WIDTH = 100
"""Letters in a line of the terminal."""


def list_rules(settings: Settings) -> tuple[Rule, ...]:
    """Return every rule of every topic, the practice's own among them."""
    return tuple(rule for topic in TOPICS for rule in topic.rules(settings))


def tell_rules(settings: Settings) -> str:
    """Return all rules, by what to do: name, sentence, and since or until when."""
    rules = list_rules(settings)
    width = max(len(rule.id) for rule in rules)
    indent = " " * (width + 4)
    lines = []
    for task, title in TASKS.items():
        of_task = [rule for rule in rules if rule.task == task]
        if of_task:
            lines += ["", title]
            lines += [
                fill(f"  {rule.id:<{width}}  {rule.sentence}{_ended(rule)}", WIDTH, subsequent_indent=indent)
                for rule in of_task
            ]
    return "\n".join([f"{len(rules)} rules. One whole: audit rules NAME", *lines])


def tell_rule(name: str, settings: Settings) -> str:
    """Return one rule whole; SettingsError where there is none of that name."""
    rules = {rule.id: rule for rule in list_rules(settings)}
    rule = rules.get(name)
    if rule is None:
        near = suggest(name, rules) or "; `audit rules` lists all."
        raise SettingsError(f'There is no rule "{name[:60]}"{near}')
    facts = state_rule(rule)
    width = max(len(fact.term) for fact in facts)
    told = [
        fill(f"{fact.term:<{width}}  {fact.text}", WIDTH, subsequent_indent=" " * (width + 2))
        for fact in facts
    ]
    to_do = f"{'To do':<{width}}  {rule.advice}"
    who = f"{'Who':<{width}}  {rule.who}"
    return "\n".join([*told, fill(to_do, WIDTH, subsequent_indent=" " * (width + 2)), who])


def _ended(rule: Rule) -> str:
    return f" (until {rule.in_force_to})" if rule.in_force_to else ""
