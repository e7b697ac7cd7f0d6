//! Whole-app tests, in process, one binary: every test starts the real app on a
//! temporary folder. `SIYU_TEST_DATABASE=postgres` runs all of them on PostgreSQL.

mod access;
mod accounts;
mod agreement;
mod alerts;
mod ciphers;
mod closed_loop;
mod consent;
mod dashboards;
mod description;
mod envelope;
mod erasure;
mod identity;
mod items;
mod matrix;
mod personal;
mod plan;
mod quality;
mod relations;
mod rights;
mod sealing;
mod shop;
mod sql;
mod support;
mod unsealed;
mod web;
