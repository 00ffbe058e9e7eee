"""Exports chats as one self-contained HTML page: no script, font or picture is loaded.

Replies are rendered as Markdown without HTML (which is shown as text), links may only go to `http`, `https` and
`mailto`, and the page's own policy forbids browsers to load anything. Attached pictures are embedded.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.message import CitationPart, ImagePart, TextPart, ToolCall
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.history.transfer.export_model import ending_words, moment, numbers, written_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from tui_chat.chat.message import Attachment, Message, Part
    from tui_chat.history.transfer.export_model import ExportedChat

_LINK: Final = re.compile(r"(https?|mailto):", re.IGNORECASE)
_PICTURE: Final = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[a-zA-Z0-9+/]*={0,2}")
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1d20; --quiet: #63686f; --page: #fff; --tint: #f3f4f6; --line: #dcdfe3;
  --link: #0b57d0; --warn: #9a4b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e5e8; --quiet: #9aa0a8; --page: #16181b; --tint: #212429;
  --line: #34383e; --link: #8ab4f8; --warn: #f0b070; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: break-word;
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "Hiragino Sans",
  "PingFang SC", "Microsoft YaHei", "Malgun Gothic", sans-serif; }
main { max-width: 48rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
article + article { margin-top: 4rem; border-top: 1px solid var(--line); padding-top: 2rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; }
.facts, .who, .note, summary, figcaption { color: var(--quiet); font-size: .85rem; }
.facts { margin: .25rem 0 2rem; }
.message { margin: 1.5rem 0; }
.who { margin: 0 0 .25rem; font-weight: 400; }
.who b { color: var(--ink); }
.user .said, .system .said { white-space: pre-wrap; background: var(--tint); border-radius: .5rem;
  padding: .6rem .9rem; }
.said > :first-child { margin-top: 0; } .said > :last-child { margin-bottom: 0; }
.said h1 { font-size: 1.35rem; } .said h2 { font-size: 1.2rem; } .said h3 { font-size: 1.05rem; }
details { margin: .5rem 0; } summary { cursor: pointer; }
details > .said { color: var(--quiet); border-inline-start: 3px solid var(--line); padding-inline-start: .9rem; }
pre { background: var(--tint); padding: .75rem .9rem; border-radius: .5rem; overflow-x: auto; line-height: 1.45; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
:not(pre) > code { background: var(--tint); padding: .1em .3em; border-radius: .25em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: start; }
blockquote { margin: 1em 0; padding-inline-start: .9rem; border-inline-start: 3px solid var(--line);
  color: var(--quiet); }
img { max-width: 100%; height: auto; border-radius: .5rem; }
a { color: var(--link); } hr { border: 0; border-top: 1px solid var(--line); }
.note { color: var(--warn); }
@media print { body { font-size: 11pt; } main { max-width: none; padding: 0; } pre { white-space: pre-wrap; }
  article + article { break-before: page; border: 0; padding: 0; margin: 0; } .who { break-after: avoid; }
  a { color: inherit; } a[href^="http"]::after { content: " (" attr(href) ")"; font-size: .8em; } }
"""

_AFTER_TITLE: Final = f"""</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
"""
_BEFORE_TITLE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tui-chat">
<title>"""
_AFTER: Final = "</main>\n</body>\n</html>\n"


def html(chats: Iterable[ExportedChat]) -> Iterator[str]:
    """Yield the page in pieces. Its title is that of the first chat."""
    begun = False
    for chat in chats:
        if not begun:
            yield f"{_BEFORE_TITLE}{_text(chat.title)}{_AFTER_TITLE}"
            begun = True
        yield from _article(chat)
    yield _AFTER if begun else f"{_BEFORE_TITLE}No chats{_AFTER_TITLE}{_AFTER}"


def _article(chat: ExportedChat) -> Iterator[str]:
    facts = [clean_line(chat.model), written_moment(chat.head.created), chat.head.id]
    yield f'<article>\n<h1 dir="auto">{_text(chat.title)}</h1>\n'
    yield f'<p class="facts">{_text(" · ".join(fact for fact in facts if fact))}</p>\n'
    if chat.head.system:
        yield '<section class="message system">\n<h2 class="who"><b>System prompt</b></h2>\n'
        yield f'<div class="said" dir="auto">{_text(chat.head.system)}</div>\n</section>\n'
    for message in chat.branch():
        yield "".join(_message(message))
    yield "</article>\n"


def _message(message: Message) -> Iterator[str]:
    who = "You" if message.role == "user" else clean_line(message.model) or "Reply"
    at = moment(message.created)
    time = (
        f' · <time datetime="{at.isoformat(timespec="seconds")}">{written_moment(message.created)}</time>' if at else ""
    )
    facts = f" · {_text(figures)}" if (figures := numbers(message)) else ""
    yield f'<section class="message {message.role}">\n<h2 class="who"><b>{_text(who)}</b>{time}{facts}</h2>\n'
    for kind, parts in groupby(message.parts, lambda part: part.kind if isinstance(part, TextPart) else ""):
        if kind:
            yield _said(kind, "".join(part.text for part in parts if isinstance(part, TextPart)), message)
        else:
            yield from map(_other, parts)
    yield from map(_attached, message.attachments)
    if ended := ending_words(message):
        yield f'<p class="note">{_text(clean_line(ended))}</p>\n'
    yield "</section>\n"


def _said(kind: str, text: str, message: Message) -> str:
    if not text.strip():
        return ""
    shown = _text(text) if message.role == "user" else _markdown().render(clean(text))
    said = f'<div class="said" dir="auto">{shown}</div>\n'
    return f"<details>\n<summary>Reasoning</summary>\n{said}</details>\n" if kind == "reasoning" else said


def _other(part: Part) -> str:
    match part:
        case ToolCall():
            name = _text(clean_line(part.name))
            return f"<details>\n<summary>Tool call: {name}</summary>\n<pre>{_text(part.arguments)}</pre>\n</details>\n"
        case ImagePart(url):
            return f"<p>{_picture(url, 'picture')}</p>\n"
        case CitationPart(url, title):
            return f'<p class="facts">Source: {_link(url, clean_line(title) or clean_line(url))}</p>\n'
        case _:
            return ""


def _attached(attachment: Attachment) -> str:
    name = clean_line(attachment.name)
    about = _text(f"{name} ({clean_line(attachment.mime)}, {readable_size(len(attachment.data))})")
    if attachment.mime in _PICTURES:
        url = f"data:{attachment.mime};base64,{base64.b64encode(attachment.data).decode()}"
        return f"<figure>{_picture(url, name)}<figcaption>{about}</figcaption></figure>\n"
    if attachment.mime.startswith("text/"):
        held = _text(attachment.data.decode("utf-8", "replace"))
        return f"<details>\n<summary>Attached: {about}</summary>\n<pre>{held}</pre>\n</details>\n"
    return f'<p class="facts">Attached: {about}</p>\n'


def _text(text: str) -> str:
    return escape(clean(text))


def _link(url: str, shown: str) -> str:
    url = clean_line(url)
    return f'<a href="{escape(url)}" rel="noreferrer">{_text(shown)}</a>' if _LINK.match(url) else _text(shown)


def _picture(url: str, about: str) -> str:
    if _PICTURE.fullmatch(url):
        return f'<img src="{url}" alt="{_text(about)}">'
    return _link(url, f"{about} ({clean_line(url)[:200]})")


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("gfm-like", {"html": False})
    # A bare host or file name is not a link: main.py is not in Paraguay.
    if markdown.linkify is not None:
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    # `validateLink` is called for pictures too.
    markdown.validateLink = lambda url: bool(_LINK.match(url) or _PICTURE.fullmatch(url))  # type: ignore[method-assign]
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("link_open", _link_open)
    return markdown


def _image(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """Return a link for a picture at a URL: the page itself loads nothing."""
    token = tokens[at]
    about = renderer.renderInlineAsText(token.children or [], options, env)
    return _picture(str(token.attrGet("src") or ""), about or "picture")


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    target: Any = tokens[at].attrGet("href")
    if not _LINK.match(str(target)):
        return "<a>"  # it passed as a picture
    tokens[at].attrSet("rel", "noreferrer")
    return renderer.renderToken(tokens, at, options, env)
