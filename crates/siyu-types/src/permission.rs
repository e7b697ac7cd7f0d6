//! Who may do what. Roles are fixed sets of permissions; every handler takes a
//! [`Viewer`], so an unchecked read does not compile.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, ErrorCode, Result};
use crate::ids::ProjectId;
use crate::personal::{Exposure, FieldKind, PersonalRules, shipped_rules};

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal: $($role:ident)+;)*) => {
        /// One thing somebody may do within a project.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
        pub enum Permission {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)*
        }

        impl Permission {
            pub const ALL: &[Permission] = &[$(Permission::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Permission::$name => $text,)* }
            }

            /// The roles that hold this permission; the owner holds all.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Permission::$name => &[$(Role::$role,)+],)* }
            }
        }
    };
}

permissions! {
    /// See the project, its catalog, tags, segments, analyses and campaigns.
    ProjectRead = "project.read": Owner Operator Analyst Viewer;
    /// Change the project's name, zone, currency and channels.
    ProjectManage = "project.manage": Owner;
    /// Add, change and remove members.
    MembersManage = "members.manage": Owner;
    /// Issue and revoke API and write keys.
    KeysManage = "keys.manage": Owner;
    AuditRead = "audit.read": Owner;
    /// Import files and send records through the API.
    DataWrite = "data.write": Owner Operator Analyst;
    /// List people with personal values masked.
    PeopleRead = "people.read": Owner Operator Analyst Viewer;
    /// See personal values (phone, e-mail, name) in the clear, unless the project
    /// decides otherwise by class.
    PeopleReadPersonal = "people.read_personal": Owner Operator;
    /// Merge and split people by hand, and undo it.
    IdentityManage = "identity.manage": Owner Operator;
    /// Say how people are related, end it, and declare kinds of relations.
    RelationsManage = "relations.manage": Owner Operator;
    /// Write notes about people.
    PeopleNote = "people.note": Owner Operator Analyst;
    /// Erase people for good: the owner's, since nothing brings anybody back.
    PeopleErase = "people.erase": Owner;
    PeopleExport = "people.export": Owner Operator;
    /// See one masked value of one person, with a reason that is kept.
    PeopleReveal = "people.reveal": Owner Operator Analyst;
    /// Decide what is personal and who sees how much of it.
    PersonalManage = "personal.manage": Owner;
    /// See who looked at whom.
    PersonalAudit = "personal.audit": Owner;
    TagsWrite = "tags.write": Owner Operator Analyst;
    SegmentsWrite = "segments.write": Owner Operator Analyst;
    AnalysesRun = "analyses.run": Owner Operator Analyst Viewer;
    /// Read tables by SQL; personal values stay as masked as anywhere.
    SqlRun = "sql.run": Owner Operator Analyst Viewer;
    AnalysesWrite = "analyses.write": Owner Operator Analyst;
    CampaignsWrite = "campaigns.write": Owner Operator;
    /// Start, pause and cancel sends; send tests.
    CampaignsSend = "campaigns.send": Owner Operator;
    /// Report what became of messages; for the mail server and for providers.
    ReceiptsWrite = "receipts.write": Owner Operator;
    /// Change caps, lists and consents.
    ProtectionManage = "protection.manage": Owner Operator;
    /// Work on what people ask about their data: look people up, answer, correct.
    RightsManage = "rights.manage": Owner Operator;
    /// Have a copy made of everything about a person, and take or hand it out.
    RightsExport = "rights.export": Owner;
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Operator,
    Analyst,
    Viewer,
}

impl Role {
    pub const ALL: &[Role] = &[Role::Owner, Role::Operator, Role::Analyst, Role::Viewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Operator => "operator",
            Role::Analyst => "analyst",
            Role::Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.as_str() == text)
    }

    pub fn may(self, permission: Permission) -> bool {
        permission.roles().contains(&self)
    }
}

/// Who is behind a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    User {
        id: i64,
        name: String,
    },
    Key {
        id: i64,
        name: String,
    },
    /// A job of the system itself.
    System,
}

impl Actor {
    /// The name of the account or key; `system` for jobs.
    pub fn name(&self) -> String {
        match self {
            Actor::User { name, .. } | Actor::Key { name, .. } => name.clone(),
            Actor::System => "system".to_owned(),
        }
    }

    /// `user:12`, `key:3` or `system`, as audit rows hold it.
    pub fn as_text(&self) -> String {
        match self {
            Actor::User { id, .. } => format!("user:{id}"),
            Actor::Key { id, .. } => format!("key:{id}"),
            Actor::System => "system".to_owned(),
        }
    }
}

/// An authenticated caller within one project. Made only by authentication
/// (`siyu-govern`) and by jobs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Viewer {
    pub actor: Actor,
    pub project: ProjectId,
    pub role: Role,
    /// What is personal in the project, and what this role sees of it.
    pub personal: Arc<PersonalRules>,
}

impl Viewer {
    /// Somebody in a project that has decided nothing about personal values.
    pub fn new(actor: Actor, project: ProjectId, role: Role) -> Viewer {
        Viewer { actor, project, role, personal: shipped_rules() }
    }

    /// How much the caller sees of a field, `Clear` if it is not personal.
    pub fn exposure(&self, kind: FieldKind, name: &str) -> Exposure {
        let field = self.personal.field(kind, name);
        field.map_or(Exposure::Clear, |field| self.personal.exposure(self.role, field.class))
    }

    pub fn sees(&self, kind: FieldKind, name: &str) -> bool {
        self.exposure(kind, name) == Exposure::Clear
    }

    /// Whether the caller sees every personal value in the clear.
    pub fn sees_all(&self) -> bool {
        self.personal.sees_all(self.role)
    }

    /// Passes if the caller sees the field in the clear, else `forbidden`.
    pub fn require_sight(&self, kind: FieldKind, name: &str) -> Result<()> {
        if self.sees(kind, name) { Ok(()) } else { Err(self.blind()) }
    }

    /// Passes if the caller sees every personal value in the clear, else `forbidden`.
    pub fn require_full_sight(&self) -> Result<()> {
        if self.sees_all() { Ok(()) } else { Err(self.blind()) }
    }

    fn blind(&self) -> Error {
        let permission = Permission::PeopleReadPersonal.as_str();
        Error::new(ErrorCode::Forbidden, "these personal values are masked for your role")
            .with("permission", permission)
            .with("role", self.role.as_str())
    }

    /// Passes if the caller holds the permission, else `forbidden`.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.role.may(permission) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Forbidden, format!("needs the permission {}", permission.as_str()))
            .with("permission", permission.as_str())
            .with("role", self.role.as_str()))
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// The system acting on its own within a project.
    pub fn system(project: ProjectId) -> Viewer {
        Viewer::new(Actor::System, project, Role::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_may_everything_and_the_viewer_nothing_that_writes() {
        for permission in Permission::ALL {
            assert!(Role::Owner.may(*permission), "{}", permission.as_str());
        }
        let writes = |p: &Permission| !p.as_str().ends_with(".read") && !p.as_str().ends_with(".run");
        for permission in Permission::ALL.iter().filter(|p| writes(p)) {
            assert!(!Role::Viewer.may(*permission), "{}", permission.as_str());
        }
    }
}
