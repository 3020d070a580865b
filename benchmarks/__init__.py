"""How fast Erfa is, beside a floor measured in the same run: ``make bench``. See docs/performance.md."""
