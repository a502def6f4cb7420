"""Form, menu, status grid, progress, dialog: models that draw themselves as lines of text."""
