"""Small files to show what formats look like; everything in them is made up."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

POSTS_CSV = (
    b"post_id,account,created_at,text,is_retweet\n"
    b'1,anna,2024-03-01 10:00:00,"Vote now! #election https://example.org/a",false\n'
    b"2,bo,2024-03-01 10:00:04,Vote now! #election https://example.org/a,false\n"
    b"3,cy,2024-03-01 10:00:09,RT @anna: Vote now!,true\n"
    b"4,dee,2024-03-01 11:30:00,@anna is that so?,false\n"
)

POSTS_JSONL = (
    b'{"post_id": 1, "user": {"screen_name": "anna", "followers": 12}, "timestamp": 1709287200,'
    b' "message": "Vote now! #election", "links": ["https://example.org/a"], "platform": "vk"}\n'
    b'{"post_id": 2, "user": {"screen_name": "bo", "followers": 3}, "timestamp": 1709287204,'
    b' "message": "Vote now!", "repost_of": 1, "platform": "vk"}\n'
)


def rows_of(text: bytes) -> list[list[str]]:
    """Return the cells of delimited text."""
    return list(csv.reader(io.StringIO(text.decode())))


def parquet(text: bytes) -> bytes:
    """Return delimited text as a Parquet file of text columns."""
    header, *rows = rows_of(text)
    columns = zip(*rows, strict=True)
    table = pa.table({name: list(values) for name, values in zip(header, columns, strict=True)})
    made = io.BytesIO()
    pq.write_table(table, made)
    return made.getvalue()


_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(text: bytes) -> bytes:
    """Return delimited text as the smallest workbook that spreadsheet programs open."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="posts" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>'
        + "".join(map(_row, rows_of(text)))
        + "</sheetData></worksheet>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _row(cells: list[str]) -> str:
    inner = "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells)
    return f"<row>{inner}</row>"
