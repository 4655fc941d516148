"""What the stored results say: tables, plots and the report; reads results only."""
