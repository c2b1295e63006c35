"""Archives: a whole store in one portable, authentic file, and a whole home in one encrypted file."""
