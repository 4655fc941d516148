"""What is assumed and measured: YAML data with sources, and the typed loader that reads them."""
