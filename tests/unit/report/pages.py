"""A small report of made-up content, for tests of its forms."""

import pandas as pd

from drive_eval.report.content import Report, Shown

SVG = (
    '<?xml version="1.0"?>\n<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" viewBox="0 0 9 9">\n'
    "<title>figure_1</title><metadata>about</metadata>\n"
    '<defs><style type="text/css">*{stroke-linejoin: round}</style></defs>\n'
    '<g id="figure_1"><!-- Drive -->\n<g id="text_1">\n<defs>\n<path id="DejaVuSans-47" d="M 1 1 \nL 2 2 "/>\n</defs>\n'
    '<use xlink:href="#DejaVuSans-47"/></g>\n'
    '<path id="m1" d="M 0 0" style="fill: #12436d; stroke-linejoin: miter"/>\n'
    '<use xlink:href="#m1" clip-path="url(#p1)"/>'
    '</g>\n<clipPath id="p1"><rect width="9" height="9"/></clipPath></svg>'
)


def published(**columns):
    """One row of comparison.csv."""
    row = {"published_id": "a.b", "result_id": "r.n", "printed": "12", "expected": "", "computed": "12"}
    return row | {"verdict": "match", "issue": "", "reason": ""} | columns


def shown(**fields):
    """One exhibit of the chapter `risk`, a table unless told otherwise."""
    table = pd.DataFrame({"Group": ["Drive", "Control"], "Number": ["1,012", "–"]})
    usual = {"id": "table_1", "chapter": "risk", "kind": "table", "title": "Table 1. People", "base": "Everybody"}
    usual |= {
        "alt": "Drive has 1,012 people.",
        "footnotes": (),
        "method": ("count of people",),
        "analyses": ("counts",),
    }
    return Shown(**usual | {"svg": "", "png": b"", "table": table, "published": (published(),)} | fields)


def report(*exhibits, **fields):
    """A report with these exhibits in one chapter."""
    verdicts = {"match": 1, "misprint": 0, "differs": 0, "context": 0, "not yet computed": 0}
    summary = {"entries": 1, "verdicts": verdicts, "differs": [], "context": {}, "assumed": {"held": 0, "moved": 0}}
    usual = {"title": "Trial", "chapters": {"risk": "Risk"}, "exhibits": exhibits or (shown(),), "findings": ()}
    usual |= {"summary": summary, "audit": (), "warnings": (), "methods": {}, "synthetic": False, "version": "0"}
    return Report(**usual | fields)
