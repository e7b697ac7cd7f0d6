//! Questions to a project and their answers: analyses, the people behind a number,
//! saved analyses, dashboards of them, alerts, annotations of days, the overview.

pub mod alerts;
pub mod analyses;
pub mod annotations;
pub mod dashboards;
mod insight;
mod naming;
pub mod overview;
#[cfg(test)]
mod testing;

pub use insight::Insight;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

/// The routes of all features. `watch` looks at the alerts that are made.
pub fn routes(insight: Insight, watch: Arc<alerts::AlertWatch>) -> OpenApiRouter {
    analyses::routes(insight.clone())
        .merge(dashboards::routes(insight.clone()))
        .merge(annotations::routes(insight.clone()))
        .merge(alerts::routes(watch))
        .merge(overview::routes(insight))
}
