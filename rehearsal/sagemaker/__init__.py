"""Amazon SageMaker as a local service: one module a kind of resource."""
