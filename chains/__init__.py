"""What exists: products, stages, recipes, the supply graph, the balanced base year, the two ledgers."""
