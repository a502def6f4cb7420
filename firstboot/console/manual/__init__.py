"""docs/console.md: sentences, and what is drawn of the program itself."""
