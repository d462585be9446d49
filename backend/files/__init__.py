"""How rows become a file: CSV, XLSX and PDF of one sheet."""
