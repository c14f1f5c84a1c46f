"""What the tests of hostile text read of a page."""

import re
from html.parser import HTMLParser

FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
    r"|\u0301{5}")
"""Characters that deceive or hide, none of which a page may have."""


class Outline(HTMLParser):
    """Tags, attributes, ids, links, headings and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [str(v) for name, v in attrs if name == "id"]
        self.links += [str(v) for name, v in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)
