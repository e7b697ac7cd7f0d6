//! Questions to a project and their answers: analyses, the people behind a number,
//! saved analyses, dashboards of them, annotations of days, the overview.

pub mod analyses;
pub mod annotations;
pub mod dashboards;
mod insight;
mod naming;
pub mod overview;
#[cfg(test)]
mod testing;

pub use insight::Insight;

use utoipa_axum::router::OpenApiRouter;

/// The routes of all features.
pub fn routes(insight: Insight) -> OpenApiRouter {
    analyses::routes(insight.clone())
        .merge(dashboards::routes(insight.clone()))
        .merge(annotations::routes(insight.clone()))
        .merge(overview::routes(insight))
}
