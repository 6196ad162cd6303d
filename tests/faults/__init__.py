"""The deployed platform while parts of it fail, are drained or are added."""
