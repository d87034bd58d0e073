"""A neural network for tabular data, and how it is trained: needs PyTorch 2.4 or later."""
