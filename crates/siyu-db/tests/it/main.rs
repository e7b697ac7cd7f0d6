//! The database layer on both databases: what the module page promises about SQL,
//! ids and the job queue.

mod jobs;
mod sql;
