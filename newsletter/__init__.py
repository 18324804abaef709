"""An email-first newsletter tool: issues in YAML, rendered, checked, sent and accounted for."""
