//! People over HTTP: search, masking, paging.
