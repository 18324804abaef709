"""A layout's templates and how they are filled: the one module of the core that knows Jinja2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from types import CodeType
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from newsletter.core.layout import Layout
from newsletter.core.source import Mark, Problem
from newsletter.errors import InvalidSource

Filter = Callable[..., object]
_Fill = Callable[[Context], Iterator[str]]

# What a template can raise besides Jinja2's own errors: a filter given the wrong thing, a missing key.
_TEMPLATE_ERRORS = (jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError)


class _Compiled(jinja2.BytecodeCache):
    """What templates were compiled to, which takes longer than to fill them; of each template the newest."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.checksum, bucket.code


# Whether values are escaped is compiled into a template.
_COMPILED = {escaped: _Compiled() for escaped in (True, False)}


class _Environment(jinja2.Environment):
    """One that can mark what the templates of blocks become, wherever these are included."""

    def __init__(self, mark: Callable[[int], str] | None, **options: Any) -> None:
        super().__init__(**options)
        self._mark = mark
        self._marked: set[str] = set()
        self._within = False

    def get_template(
        self,
        name: str | jinja2.Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - jinja2's own name
    ) -> jinja2.Template:
        """Return a template, from the second time on the same."""
        template = super().get_template(name, parent, globals)
        known = str(template.name)
        if self._mark and known.startswith("blocks/") and known not in self._marked:
            self._marked.add(known)
            template.root_render_func = self._marking(template.root_render_func, self._mark)
        return template

    def _marking(self, inner: _Fill, mark: Callable[[int], str]) -> _Fill:
        """Return what fills a template and marks what it becomes, if it is filled for one of the issue's blocks."""

        def outer(context: Context) -> Iterator[str]:
            blocks, block = getattr(context.get("issue"), "blocks", ()), context.get("block")
            at = next((mark(index) for index, each in enumerate(blocks) if each is block), "")
            if self._within or not at:  # a piece that a block's template includes is part of that block
                yield from inner(context)
                return
            self._within = True
            yield at
            yield from inner(context)
            yield at
            self._within = False

        return outer


class Templates:
    """The templates of a layout, with the filters and functions that they know."""

    def __init__(
        self,
        layout: Layout,
        filters: Mapping[str, Filter],
        functions: Mapping[str, Callable[..., object]],
        *,
        escaped: bool,
        finish: Callable[[object], object],
        mark: Callable[[int], str] | None = None,
    ) -> None:
        """Make them ready. Values are `escaped` for HTML, but not in plain text; `finish` is the last to change each.

        With `mark`, what it returns for the index of a block stands before and behind what that block becomes.
        """

        @jinja2.pass_context  # so that it is not called when a template is compiled, which other fillings use too
        def finalize(_: Context, value: object) -> object:
            return finish(value)

        self._layout = layout
        self._environment = _Environment(
            mark,
            loader=jinja2.FunctionLoader(self._load),
            bytecode_cache=_COMPILED[escaped],
            optimized=False,  # or what this filling's filters make of constants would be compiled into the template
            autoescape=escaped,  # False for plain text alone; select_autoescape() would miss .mjml.j2
            undefined=jinja2.StrictUndefined,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(filters)
        self._environment.globals.update(functions)

    def fill(self, name: str, context: Callable[[], Mapping[str, Any]]) -> str:
        """Fill the template of that name inside the layout; `context` makes what it sees.

        Raises:
            InvalidSource: with what is wrong in the template, or in making what it sees.
        """
        try:
            return self._environment.get_template(name).render(context())
        except _TEMPLATE_ERRORS as err:
            raise InvalidSource([self._problem(name, err)]) from err

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self._layout.templates.get(name)
        return None if source is None else (source, f"layouts/{self._layout.name}/{name}", lambda: True)

    def _problem(self, name: str, err: Exception) -> Problem:
        """Return the problem with the template's own file and line, which Jinja2 keeps in the traceback."""
        file, line = f"layouts/{self._layout.name}/{name}", getattr(err, "lineno", None) or 1
        if isinstance(err, jinja2.TemplateSyntaxError):
            file = err.filename or file
        frame = err.__traceback__
        while frame is not None:
            if frame.tb_frame.f_code.co_filename.startswith("layouts/"):
                file, line = frame.tb_frame.f_code.co_filename, frame.tb_lineno
            frame = frame.tb_next
        hint = "see `block`, `issue`, `publication`, `tokens`, `links` in the layout's README"
        return Problem(file, Mark(line, 1), "", str(err), hint)
