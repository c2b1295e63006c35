"""Proof of control over names: CNAME proof, CAA and the records handed out."""
