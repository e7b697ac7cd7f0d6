//! Erasing, within the pipeline.
