//! Questions to a project and their answers: analyses, the people behind a number,
//! saved analyses, the overview.

pub mod analyses;
mod insight;
pub mod overview;
#[cfg(test)]
mod testing;

pub use insight::Insight;

use utoipa_axum::router::OpenApiRouter;

/// The routes of all features.
pub fn routes(insight: Insight) -> OpenApiRouter {
    analyses::routes(insight.clone()).merge(overview::routes(insight))
}
