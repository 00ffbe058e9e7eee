"""Files that are attached to questions: found, read, recognised, and kept with drafts. No screen."""
