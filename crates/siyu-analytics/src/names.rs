//! A question that names something unknown is answered with an error that says
//! where, never with an empty result.

use siyu_types::Result;
use siyu_types::analysis::{FunnelQuery, TrendQuery};
use siyu_types::condition::Condition;

/// What exists in a project.
pub trait Catalog {
    fn event(&self, name: &str) -> bool;
    /// A property that some event of this name has, or is planned to have.
    fn property(&self, event: &str, name: &str) -> bool;
    fn attribute(&self, name: &str) -> bool;
    fn tag(&self, id: i64) -> bool;
    fn segment(&self, id: i64) -> bool;
}

/// Checks the names in a condition; the error's field is a path below `path`.
pub fn check_condition(condition: &Condition, path: &str, catalog: &dyn Catalog) -> Result<()> {
    let _ = (condition, path, catalog);
    Ok(())
}

pub fn check_trend(query: &TrendQuery, catalog: &dyn Catalog) -> Result<()> {
    let _ = (query, catalog);
    Ok(())
}

pub fn check_funnel(query: &FunnelQuery, catalog: &dyn Catalog) -> Result<()> {
    let _ = (query, catalog);
    Ok(())
}
