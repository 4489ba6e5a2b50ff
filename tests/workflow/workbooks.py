"""Damage a copy of the shipped workbook the way a real export is damaged."""

from pathlib import Path

from openpyxl import load_workbook

RAW = Path(__file__).resolve().parents[2] / "data/raw/year2/insights_extract.xlsx"


class Damaged:
    """A copy of the Insights workbook, edited by header and Excel row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = load_workbook(RAW)

    def column(self, sheet: str, header: str) -> int:
        return next(cell.column for cell in self.book[sheet][1] if cell.value == header)

    def get(self, sheet: str, row: int, header: str):
        return self.book[sheet].cell(row, self.column(sheet, header)).value

    def set(self, sheet: str, row: int, header: str, value) -> None:
        self.book[sheet].cell(row, self.column(sheet, header)).value = value

    def rename(self, sheet: str, header: str, new: str) -> None:
        self.book[sheet].cell(1, self.column(sheet, header)).value = new

    def find(self, sheet: str, **wanted) -> int:
        """The first row whose cells hold the wanted values; keys are headers with _ for blanks."""
        headers = {key.replace("_", " "): value for key, value in wanted.items()}
        for row in range(2, self.book[sheet].max_row + 1):
            if all(self.get(sheet, row, header) == value for header, value in headers.items()):
                return row
        raise LookupError(wanted)

    def save(self) -> Path:
        self.book.save(self.path)
        return self.path
