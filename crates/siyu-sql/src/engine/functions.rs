//! The functions of statements. Results of functions are made at once, before anybody counts
//! their bytes, so those that make much of little are not there.

use std::sync::Arc;

use datafusion::execution::{SessionStateBuilder, SessionStateDefaults};
use datafusion::logical_expr::ScalarUDF;

/// Functions whose result may be larger than what they are given by any factor, and those
/// that tell of the machine.
pub(crate) const LEFT_OUT: &[&str] = &[
    "array_repeat",
    "array_resize",
    "arrow_metadata",
    "generate_series",
    "list_repeat",
    "list_resize",
    "lpad",
    "range",
    "repeat",
    "rpad",
    "space",
    "version",
];

pub(super) fn scalar() -> Vec<Arc<ScalarUDF>> {
    let all = SessionStateDefaults::default_scalar_functions();
    all.into_iter().filter(|function| !left_out(function)).collect()
}

fn left_out(function: &ScalarUDF) -> bool {
    let names = std::iter::once(function.name()).chain(function.aliases().iter().map(String::as_str));
    names.into_iter().any(|name| LEFT_OUT.contains(&name))
}

/// With the functions that there are; no functions that read files, no formats of files.
pub(super) fn add(builder: SessionStateBuilder) -> SessionStateBuilder {
    builder
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(scalar())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions())
}

/// Names of all functions, for completion.
pub(crate) fn names() -> Vec<String> {
    let scalar = scalar();
    let aggregates = SessionStateDefaults::default_aggregate_functions();
    let windows = SessionStateDefaults::default_window_functions();
    let mut names: Vec<String> = scalar.iter().map(|function| function.name().to_owned()).collect();
    names.extend(aggregates.iter().map(|function| function.name().to_owned()));
    names.extend(windows.iter().map(|function| function.name().to_owned()));
    names.sort_unstable();
    names.dedup();
    names
}
