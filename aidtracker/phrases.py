"""Phrase: Chinese words put together, that remember their parts so that a page can say them in another language."""


class Phrase(str):
    """Phrase("实到 %(n)s 人", n=3) is the text 实到 3 人, in workbooks and at the command line; `web.language.said` translates it.

    A part may be a Phrase itself. The source words are an id of the catalogue, like those of Refused.
    """

    __slots__ = ("params", "text")

    text: str
    params: dict

    def __new__(cls, text: str, /, **params):
        made = super().__new__(cls, text % params if params else text)
        made.text, made.params = text, params
        return made


def packed(text: str) -> dict:
    """As JSON keeps it, for words that are said later."""
    if not isinstance(text, Phrase):
        return {"text": str(text)}
    parts = {name: packed(part) if isinstance(part, Phrase) else str(part) for name, part in text.params.items()}
    return {"text": text.text, "params": parts}


def unpacked(kept: dict) -> Phrase:
    parts = kept.get("params") or {}
    return Phrase(kept["text"], **{name: unpacked(part) if isinstance(part, dict) else part for name, part in parts.items()})
