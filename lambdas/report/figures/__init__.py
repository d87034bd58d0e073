"""Pictures of a document, drawn by matplotlib as SVG elements that take the page's colours."""
