//! Pure functions over columns: conditions and analyses.
