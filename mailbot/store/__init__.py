"""What we remember: the only package that imports sqlalchemy. Rows in, dataclasses out."""
