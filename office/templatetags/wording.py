"""``{% words name %}…{% endwords %}``: words of a message that the coordinator may write otherwise (decision 0016).

Inside stand only ``translate``, ``blocktranslate`` and variables. Their variables are the placeholders of the piece;
what stands outside (times, sums, links) is composed by the template and can neither be lost nor changed.
"""

import re
from typing import Any

from django import template
from django.template.base import (
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.exceptions import TemplateSyntaxError
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import gettext, ngettext

from office.wording import filled, placeholders

register = template.Library()

#: A value is one line, whatever a person has typed.
BREAKS = re.compile(r"[ \t\r\n]*[\r\n][ \t\r\n]*")
#: As many as stand for "several" where a default is shown.
SEVERAL = 5


class WordsNode(Node):
    """One piece: its default words, the names of its variables, and their values in a message."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist
        self.counted = [one for one in nodelist if isinstance(one, BlockTranslateNode) and one.plural]

    @property
    def keys(self) -> list[str]:
        """Under which names texts are kept: one, or one for a single thing and one for several."""
        return [f"{self.name}.one", f"{self.name}.more"] if self.counted else [self.name]

    @property
    def counter(self) -> str:
        """The variable that tells how many; empty when nothing is counted."""
        return str(self.counted[0].countervar) if self.counted else ""

    def variables(self) -> list[str]:
        """Names of the placeholders, in the order of the default."""
        found = placeholders(" ".join(self.default(key) for key in self.keys))
        return list(dict.fromkeys([*found, *([self.counter] if self.counter else [])]))

    def default(self, key: str) -> str:
        """The default words in the active language, with placeholders."""
        number = 1 if key.endswith(".one") else SEVERAL
        return "".join(_words(one, number) for one in self.nodelist).strip()

    def render(self, context: template.Context) -> str:
        texts = context.get("wording") or {}
        if texts or "examples" in context:
            values = self._values(context)
            text = texts.get(self._key(context))
            if text is not None and set(placeholders(text)) <= set(values):
                return filled(text, values)
        return self.nodelist.render(context)

    def _key(self, context: template.Context) -> str:
        if not self.counted:
            return self.name
        number = _number(self.counted[0], context)
        return self.keys[0 if number == 1 else 1]  # so it is in our three languages

    def _values(self, context: template.Context) -> dict[str, str]:
        values: dict[str, Any] = {}
        for one in self.nodelist:
            if isinstance(one, BlockTranslateNode):
                values |= {name: Variable(name).resolve(context) for name in _plain(one)}
                values |= {name: found.resolve(context) for name, found in one.extra_context.items()}
                if one.countervar:
                    values[one.countervar] = _number(one, context)
            elif isinstance(one, VariableNode):
                values[_last(one)] = one.filter_expression.resolve(context)
        said = {name: BREAKS.sub(" ", str(render_value_in_context(value, context))) for name, value in values.items()}
        if "examples" in context:
            context["examples"].update(said)
        return said


def _number(node: BlockTranslateNode, context: template.Context) -> Any:
    return node.counter.resolve(context) if node.counter else None


def _plain(node: BlockTranslateNode) -> set[str]:
    """Names that a sentence takes from the message itself."""
    names = set(node.render_token_list(node.singular)[1])
    if node.plural:
        names |= set(node.render_token_list(node.plural)[1])
    return names - set(node.extra_context) - {node.countervar}


def _last(node: VariableNode) -> str:
    return str(node.filter_expression.var.var).rpartition(".")[2]


def _words(node: Node, number: int) -> str:
    """The default words of a node with placeholders, in the active language."""
    if isinstance(node, BlockTranslateNode):
        one, names = node.render_token_list(node.singular)
        if node.plural:
            more, others = node.render_token_list(node.plural)
            return ngettext(one, more, number) % {name: f"{{{{ {name} }}}}" for name in {*names, *others}}
        return gettext(one) % {name: f"{{{{ {name} }}}}" for name in names}
    if isinstance(node, VariableNode):
        return f"{{{{ {_last(node)} }}}}"
    if isinstance(node, TranslateNode):
        return str(node.render(template.Context(autoescape=False)))
    return str(node.s) if isinstance(node, TextNode) else ""


@register.tag
def words(parser: Parser, token: Token) -> WordsNode:
    """A piece that may be written otherwise."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endwords",))
    parser.delete_first_token()
    if not all(isinstance(one, TextNode | TranslateNode | BlockTranslateNode | VariableNode) for one in nodelist):
        raise TemplateSyntaxError("words holds only words: conditions stand around it")
    node = WordsNode(name, nodelist)
    if len(node.counted) > 1:
        raise TemplateSyntaxError("words counts one thing at most")
    return node
