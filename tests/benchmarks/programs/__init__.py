"""The app, or its conversation pane, over a conversation that is longer than anybody would wait for here."""
