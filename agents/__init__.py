"""Who acts: workers, farms, firms, government, bank and outside; their markets; the model that steps them."""
