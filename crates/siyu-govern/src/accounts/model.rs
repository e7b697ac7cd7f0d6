//! Users, members, sessions.

use siyu_types::clock::Millis;
use siyu_types::{ProjectId, Role};

/// Somebody who can log in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub name: String,
    /// `zh-CN` or `en`.
    pub locale: String,
    pub active: bool,
    pub created_at: Millis,
}

/// A user in a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    pub user: User,
    pub role: Role,
}

/// Somebody to be added. Does not implement `Debug`, for the password's sake.
pub struct NewMember {
    pub email: String,
    pub name: String,
    pub locale: String,
    pub role: Role,
    pub password: String,
}

/// Absent stays.
#[derive(Default)]
pub struct UserChange {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub password: Option<String>,
    pub active: Option<bool>,
}

/// A fresh log-in.
pub struct Session {
    /// For the cookie.
    pub token: String,
    /// For the header of unsafe requests.
    pub csrf: String,
    pub user: User,
}

/// An open session as the database knows it.
#[derive(Clone, Debug)]
pub(crate) struct SessionUser {
    pub(crate) user: User,
    pub(crate) csrf: String,
    pub(crate) created_at: Millis,
    pub(crate) seen_at: Millis,
    pub(crate) roles: Vec<(ProjectId, Role)>,
}
