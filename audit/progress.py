"""What is being done, said on a terminal while a command works."""

from __future__ import annotations

import sys


class Progress:
    """Says on a terminal what is being done, once it has taken a second; silent where output is piped."""

    def __init__(self) -> None:
        from threading import Timer

        self._text = ""
        self._shown = False
        self._timer = Timer(1.0, self._show) if sys.stderr.isatty() else None

    def __call__(self, text: str) -> None:
        self._text = text
        if self._shown:
            self._draw()

    def __enter__(self) -> Progress:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Wipe the line."""
        if self._timer:
            self._timer.cancel()
        if self._shown:
            self._shown = False
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _show(self) -> None:
        self._shown = True
        self._draw()

    def _draw(self) -> None:
        print(f"\r\033[K{self._text} ...", end="", file=sys.stderr, flush=True)
