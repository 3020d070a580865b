"""Our own typesetter for documents of rows and sums; ``setting`` says what it draws and what it does not."""
