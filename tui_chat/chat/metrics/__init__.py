"""How fast replies came: metrics, and charts of them."""
