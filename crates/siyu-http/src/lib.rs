//! What a handler needs: error envelope, viewer, pagination, OpenAPI helpers.
