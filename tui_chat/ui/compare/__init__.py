"""The screen that shows the replies of several models side by side."""
