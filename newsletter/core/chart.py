"""A chart of an issue: figures by label, in one series or a few, and the sentence that says what they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from newsletter.core.forms import Form
from newsletter.core.numeral import number
from newsletter.core.only import Conditional
from newsletter.core.tree import Path, Value
from newsletter.core.typed import Strict
from newsletter.core.written import Line, OptionalLine, OptionalMarkdown, sized

Rows = tuple[tuple[str, ...], ...]


def _same_for_everybody(text: str) -> str:
    if "{{" in text:
        raise ValueError("stands in the picture, which is the same for everybody; write it without a merge field")
    return text


def _gap(text: Value) -> Value:
    return "" if text is None else text


def _figure(text: str) -> str:
    if text.strip() and number(text) is None:
        raise ValueError(f"{text[:60]!r} is not a number; write it in digits, and what it counts under `unit`")
    return text.strip()


Drawn = Annotated[Line, AfterValidator(_same_for_everybody)]
Figure = Annotated[str, Form.NONE, BeforeValidator(_gap), AfterValidator(_figure)]
Figures = tuple[Figure, ...]


class Series(Strict):
    """Figures that belong together, one for each label."""

    name: Drawn
    values: Figures


class Chart(Conditional):
    """A picture made of figures. One series needs no name: its values stand beside the labels."""

    kind: Literal["chart"]
    title: Line
    style: Literal["bars", "columns", "lines"] = "bars"
    labels: Annotated[tuple[Drawn, ...], sized(1, 24, what="label")]
    values: Figures | None = None
    series: Annotated[tuple[Series, ...], sized(1, 4, what="set")] | None = Field(None, validate_default=True)
    unit: Annotated[OptionalLine, AfterValidator(_same_for_everybody)] = ""
    alt: Line
    caption: OptionalMarkdown = ""

    @field_validator("values")
    @classmethod
    def _one_for_each_label(cls, values: Figures | None, others: ValidationInfo) -> Figures | None:
        if values is not None and (wrong := _unfit(values, others)):
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return values

    @field_validator("series")
    @classmethod
    def _either_values_or_series(
        cls, series: tuple[Series, ...] | None, others: ValidationInfo
    ) -> tuple[Series, ...] | None:
        if series is None and others.data.get("values", ()) is None:
            raise ValueError("is missing; give `values`, or `series` with a name and values each")
        if series is not None and others.data.get("values") is not None:
            raise ValueError("stands beside `values`; keep one of them")
        wrong = [
            {**each, "loc": (index, "values", *each.get("loc", ()))}
            for index, one in enumerate(series or ())
            for each in _unfit(one.values, others)
        ]
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)  # type: ignore[arg-type]  # `loc` alone
        return series

    @property
    def all_series(self) -> tuple[Series, ...]:
        """Return the series; the one of the short form has no name."""
        return self.series or (Series.model_construct(name="", values=self.values or ()),)

    def words(self) -> Iterator[tuple[Path, str]]:
        """Yield all words that stand in the picture, by where they are written."""
        yield from ((("labels", index), label) for index, label in enumerate(self.labels))
        yield from ((("series", index, "name"), each.name) for index, each in enumerate(self.series or ()))
        yield ("unit",), self.unit

    @property
    def header(self) -> tuple[str, ...]:
        """Return the names of the columns of the same data as a table; the labels' own has none."""
        return "", *(each.name or self.unit for each in self.all_series)

    @property
    def rows(self) -> Rows:
        """Return the same data as a table: each label with its figures."""
        return tuple(zip(self.labels, *(each.values for each in self.all_series), strict=True))

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Tell of each column of the table whether it holds numbers."""
        return False, *(True for _ in self.all_series)


def _unfit(values: Figures, others: ValidationInfo) -> list[InitErrorDetails]:
    """Return what is wrong with figures that are numbers: too many or few of them, or gaps where none can be seen."""
    labels, style = others.data.get("labels"), others.data.get("style")
    if labels is not None and len(values) != len(labels):
        said = f"has {len(values)} value{'' if len(values) == 1 else 's'} for {len(labels)} label"
        said += f"{'' if len(labels) == 1 else 's'}; give each label one"
        return [_error((), said + (' ("" leaves a gap)' if style == "lines" else ""), values)]
    if values and not any(values):
        return [_error((), "has no number; write at least one", values)]
    if style in {"bars", "columns"}:
        gap = f"is empty, and {style} show no gap; write a number, or take `style: lines`"
        return [_error((index,), gap, value) for index, value in enumerate(values) if not value]
    return []


def _error(loc: tuple[int | str, ...], said: str, given: object) -> InitErrorDetails:
    kind = PydanticCustomError("value_error", "{error}", {"error": ValueError(said)})
    return {"type": kind, "loc": loc, "input": given}
