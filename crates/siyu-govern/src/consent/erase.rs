//! What is left of an erased person in the consent ledger, in requests and copies, and in the audit.

use std::sync::Arc;

use siyu_types::erasure::{Erased, Removed};
use siyu_types::ports::{NamesErased, PortFuture, Traces};
use siyu_types::{ProjectId, Result};

use super::store;
use crate::{Govern, audit, govern};

const CONSENT: &str = "consent";
const AUDIT: &str = "audit";

impl Traces for Govern {
    fn steps(&self) -> &'static [&'static str] {
        &[CONSENT, AUDIT]
    }

    fn remove<'a>(
        &'a self,
        step: &'a str,
        project: ProjectId,
        erased: &'a Erased,
        names: &'a Arc<NamesErased>,
    ) -> PortFuture<'a, Result<Vec<Removed>>> {
        Box::pin(async move {
            if step == AUDIT {
                let rows = audit::redact(self.db(), project, erased.erasure, &**names, self.now()).await?;
                return Ok(vec![Removed::new("audit_details", rows)]);
            }
            let mut tx = self.begin().await?;
            let mut kept = 0;
            for number in &erased.numbers {
                kept += store::forget(&mut tx, project, *number).await?;
            }
            govern::commit(tx).await?;
            let answer = format!("erasure {}", erased.erasure);
            let (asked, copies) = self.forget_requests(project, &erased.numbers, &answer).await?;
            Ok(vec![
                Removed::new("kept_statements_without_identifiers", kept),
                Removed::new("kept_requests_without_words", asked),
                Removed::new("copies", copies as u64),
            ])
        })
    }
}
