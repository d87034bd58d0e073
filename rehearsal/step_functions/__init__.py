"""What AWS Step Functions does around its states: scopes, maps, limits, permissions, redrives."""
