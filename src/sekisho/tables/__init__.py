"""Reading tables: CSV, TSV and Excel files of any origin, or one sentence that says why not. No Django."""
