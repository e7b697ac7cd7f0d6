//! Identity, profiles, tags, segments.
