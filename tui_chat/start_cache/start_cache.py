"""Shortens the start of a command by what earlier starts have left in the cache folder."""

from __future__ import annotations

from tui_chat.start_cache import module_code

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from tui_chat.start_cache.compiled_texts import CompiledTexts


class StartCache:
    """Modules and compiled texts from earlier starts, used from `install` to `finish`, or in a `with` block."""

    def __init__(self, *, keep: bool = True) -> None:
        """`keep` says whether something may be written."""
        self._keep = keep
        self._modules = module_code.ModuleCode(module_code.default_path(), keep=keep)
        self._texts: CompiledTexts | None = None

    def __enter__(self) -> StartCache:
        self.install()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def install(self) -> None:
        """Look in the files from here on."""
        self._modules.install()
        from tui_chat.start_cache.compiled_texts import CompiledTexts, default_path  # it is found there itself

        self._texts = CompiledTexts(default_path(), keep=self._keep)
        self._texts.install()

    def finish(self) -> None:
        """Look there no longer, and write what is new."""
        texts, self._texts = self._texts, None  # a thread and the end of the program may both call this
        if texts is not None:
            texts.finish()
            self._modules.finish()
