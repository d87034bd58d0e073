"""What every operation shares: validation, permissions, records, paging, tags."""
