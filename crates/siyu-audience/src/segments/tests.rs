//! Segments: counts, snapshots, circles, use.
