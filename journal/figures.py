"""Figures in running text: percentages, factors, scores and changes, and not model names or years. Pure."""

from __future__ import annotations

import re

_NUMBER = r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_PERCENT = r"(?:\s?(?:\\?%|\\\s%|percent\b|per\s?cent\b)|[-\s](?:percentage[-\s])?points?\b|\s?pp\b|\s?p\.p\.|\s?bps\b)"
_TIMES = r"(?:\s?(?:\$?\\times\b\$?|×|x\b|X\b)|-?\s?fold\b|\stimes\b(?!\s(?:a|per)\b)|\sorders?\sof\smagnitude)"
_UNIT = (
    r"(?:\s?(?:ms|µs|us|fps|FPS|Hz|kHz|MHz|GB|MB|KB|TB|GiB|MiB|dB|mm|cm|km|kWh|mAP|mIoU|GFLOPs?|TFLOPs?|FLOPs|tokens?/s)\b"
    r"|\s(?:seconds?|minutes?|hours?)\b)"
)
_SPELT = r"(?:two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred|several)"
# What glues digits to a name: `GPT-3.5`, `Qwen2.5`, `v1.2`, `ResNet-50`, `p@5`, an identifier, an address.
_NO_NAME_BEFORE = r"(?<![\w@#./])(?<![A-Za-z]-)(?<!\w_)"
_FIGURE = re.compile(
    rf"""
    {_NO_NAME_BEFORE}
    (?P<sign>[-+−–±~≈]|\$[-+]\$|\\sim\s?|\\pm\s?)?
    (?P<number>{_NUMBER})
    (?:
        (?P<percent>\$?{_PERCENT})
      | (?P<times>\$?{_TIMES})
      | (?P<unit>{_UNIT})
      | (?P<ratio>:\d+(?:\.\d+)?\b)
      | (?P<of>\s(?:of|out\sof)\s(?:the\s)?\d+(?:,\d{{3}})*\b)
      | (?P<scale>[KMB]\b)
    )?
    (?![\w])(?!\.\d)(?![-\s][mb]illion)
    | \b(?P<spelt>{_SPELT}(?:[-\s]times|-?fold)\b | (?:an|one|two|three|several)\sorders?\sof\smagnitude)
    """,
    re.VERBOSE,
)
# A number of its own is the version of one of these: `Llama 3.1`, `Gemini 2.5 Pro`, `version 0.4`.
_VERSIONED = re.compile(
    r"(?:\b(?:llama|gemini|claude|gpt|qwen|phi|mistral|sonnet|opus|haiku|grok|deepseek|gemma|yolo|flux|version|python|cuda"
    r"|pytorch|kimi|glm|codex|veo|sora|wan|diffusion|release|section|chapter|figure|table|equation|step|phase|stage|part|"
    r"level|type|layer|task|week|day|year|apache|cc[-\sa-z]*by|mixtral|olmo|falcon|nova|hunyuan|internvl|ernie|minimax|composer)"
    r"|\bv)[-\s]*$",
    re.IGNORECASE,
)
_SCORE_BEFORE = re.compile(
    r"(?:score|accuracy|f1|auc|auroc|bleu|rouge|perplexity|recall|precision|psnr|ssim|fid|map|miou|iou|dice|r2|kappa|elo|"
    r"rmse|mae|loss|rate|gain|error|reward|latency)s?(?:\s(?:score|value)s?)?(?:\s(?:of|is|was|to|at|by|from))?\s(?:an?\s|about\s|approximately\s)?$"
    r"|\b(?:from|to|by|reach(?:es|ing|ed)?|achiev(?:es|ing|ed)|attain(?:s|ing|ed)|against|versus|vs\.?)\s$",
    re.IGNORECASE,
)
_LOOKED_BACK = 40  # characters
_YEAR = re.compile(r"(?:19|20)\d\d")


def figures(text: str, start: int = 0, end: int | None = None) -> tuple[tuple[int, int], ...]:
    """(start, end) of each figure within text[start:end]: what was measured, with its sign and unit.

    A percentage, a factor, a ratio, a share and a unit speak for themselves; a decimal counts unless it is
    the version of something; a whole number counts only after the name of a measure or `from .. to`.
    """
    end = len(text) if end is None else end
    matches = _FIGURE.finditer(text, start, end)
    return tuple(match.span() for match in matches if match["spelt"] or _is_figure(text, match, start))


def _is_figure(text: str, match: re.Match[str], start: int) -> bool:
    if match["percent"] or match["times"]:
        return True
    before = text[max(start, match.start() - _LOOKED_BACK) : match.start()]
    if _VERSIONED.search(before):
        return False
    if match["ratio"] or match["of"] or match["unit"]:
        return True
    number = match["number"]
    if "." in number:
        return not match["scale"] or bool(_SCORE_BEFORE.search(before))
    if match["sign"] in {"+", "-", "−"} and not before[-1:].isalnum():
        return True
    return not match["scale"] and bool(_SCORE_BEFORE.search(before)) and not _YEAR.fullmatch(number)
