"""What is shown of the wire, without the wire and without a screen."""
