//! Saved analyses and their API.
