//! Users, their sessions, and their roles in projects.

mod api;
mod model;
mod password;
mod rules;
mod sessions;
mod store;

pub(crate) use model::SessionUser;
pub use model::{Member, NewMember, Session, User, UserChange};
pub(crate) use rules::{holds, must_note_use, name};
pub(crate) use sessions::COOKIE;
pub(crate) use store::{note_use, session};

use serde_json::json;
use siyu_types::permission::Actor;
use siyu_types::{Error, ErrorCode, ProjectId, Result, Role, Viewer};
use utoipa_axum::router::OpenApiRouter;

use crate::govern::commit;
use crate::{Govern, audit};

pub(crate) fn routes(govern: Govern) -> OpenApiRouter {
    sessions::routes(govern.clone()).merge(api::routes(govern))
}

impl Govern {
    /// Whether anybody can log in yet.
    pub async fn has_users(&self) -> Result<bool> {
        store::any(self.db()).await
    }

    /// Adds somebody to the viewer's project. Who already works in another project
    /// keeps password and name and gets a role here.
    pub async fn add_member(&self, viewer: &Viewer, new: NewMember) -> Result<Member> {
        let email = rules::email(&new.email)?;
        let name = rules::name(&new.name)?;
        let hash = self.hash_password(rules::password(new.password, &[&email, &name])?).await?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let user = match store::by_email(&mut tx, &email).await? {
            Some(user) => user,
            None => {
                let user = User { id: 0, email, name, locale: new.locale, active: true, created_at: now };
                store::insert(&mut tx, user, &hash).await?
            }
        };
        if !store::join(&mut tx, viewer.project, user.id, new.role).await? {
            return Err(Error::new(ErrorCode::Conflict, "this person is a member already").at("email"));
        }
        let object = format!("user:{}", user.id);
        let detail = json!({ "role": new.role.as_str() });
        audit(&mut tx, viewer, "accounts.add", &object, detail, now).await?;
        commit(tx).await?;
        Ok(Member { user, role: new.role })
    }

    pub async fn members(&self, project: ProjectId) -> Result<Vec<Member>> {
        store::members(self.db(), project).await
    }

    /// Changes a member. Everything that ends access also ends the open sessions.
    pub async fn change_member(&self, viewer: &Viewer, id: i64, change: UserChange) -> Result<Member> {
        let now = self.now();
        let before = store::member(self.db(), viewer.project, id).await?;
        let hash = match change.password {
            Some(password) => {
                let names = [before.user.email.as_str(), before.user.name.as_str()];
                Some(self.hash_password(rules::password(password, &names)?).await?)
            }
            None => None,
        };
        let mut after = before.clone();
        if let Some(name) = &change.name {
            after.user.name = rules::name(name)?;
        }
        after.role = change.role.unwrap_or(after.role);
        after.user.active = change.active.unwrap_or(after.user.active);
        let mut tx = self.begin().await?;
        if (hash.is_some() || after.user != before.user) && !is_self(viewer, id) {
            self.may_change_account(&mut tx, viewer, id).await?;
        }
        store::update(&mut tx, &after.user, hash.as_deref()).await?;
        store::set_role(&mut tx, viewer.project, id, after.role).await?;
        store::keep_an_owner(&mut tx, viewer.project).await?;
        if hash.is_some() || !after.user.active {
            store::end_sessions(&mut tx, id).await?;
        }
        let detail = json!({
            "role": after.role.as_str(),
            "active": after.user.active,
            "name_changed": after.user.name != before.user.name,
            "password_changed": hash.is_some(),
        });
        audit(&mut tx, viewer, "accounts.change", &format!("user:{id}"), detail, now).await?;
        commit(tx).await?;
        Ok(after)
    }

    /// Takes somebody out of the project; who is in no other cannot log in any more.
    pub async fn remove_member(&self, viewer: &Viewer, id: i64) -> Result<()> {
        store::member(self.db(), viewer.project, id).await?;
        let mut tx = self.begin().await?;
        store::leave(&mut tx, viewer.project, id).await?;
        store::keep_an_owner(&mut tx, viewer.project).await?;
        audit(&mut tx, viewer, "accounts.remove", &format!("user:{id}"), json!({}), self.now()).await?;
        commit(tx).await
    }

    /// For the command line: sets a new password and ends all sessions.
    pub async fn reset_password(&self, email: &str, password: &str) -> Result<()> {
        let email = rules::email(email)?;
        let hash = self.hash_password(rules::password(password.to_owned(), &[&email])?).await?;
        let mut tx = self.begin().await?;
        let user = store::by_email(&mut tx, &email).await?;
        let user =
            user.ok_or_else(|| Error::new(ErrorCode::NotFound, "no user with this e-mail").at("email"))?;
        store::update(&mut tx, &user, Some(&hash)).await?;
        store::end_sessions(&mut tx, user.id).await?;
        for (project, _) in store::roles_in(&mut tx, user.id).await? {
            let system = Viewer::system(project);
            let object = format!("user:{}", user.id);
            audit(&mut tx, &system, "accounts.reset_password", &object, json!({}), self.now()).await?;
        }
        commit(tx).await
    }

    /// An account belongs to all projects its user works in: only who owns every one
    /// of them may change its name, password or state.
    async fn may_change_account(&self, tx: &mut siyu_db::Tx, viewer: &Viewer, id: i64) -> Result<()> {
        let own: Vec<(ProjectId, Role)> = match &viewer.actor {
            Actor::User { id, .. } => store::roles_in(tx, *id).await?,
            Actor::Key { .. } | Actor::System => vec![(viewer.project, viewer.role)],
        };
        let theirs = store::roles_in(tx, id).await?;
        let owns = |project: ProjectId| own.contains(&(project, Role::Owner));
        match theirs.iter().all(|(project, _)| owns(*project)) {
            true => Ok(()),
            false => Err(Error::new(ErrorCode::Forbidden, "this person also works in a project of others")),
        }
    }
}

fn is_self(viewer: &Viewer, id: i64) -> bool {
    matches!(&viewer.actor, Actor::User { id: own, .. } if *own == id)
}
