//! What the log says about the plan: a new policy, or the return of what was set
//! aside. Applied in its place like any record.

use siyu_audience::People;
use siyu_events::Amendment;
use siyu_types::clock::Millis;
use siyu_types::{PersonNo, Record, Result};

use super::apply::Applier;
use super::dedupe::Memory;
use super::outcome::Outcome;
use crate::erasure::Verdict;
use crate::plan::{AsideReason, Decree, EntryState, Gate, Return, Why, props_mut};
use crate::protocols::ReasonCode;

impl Applier {
    /// Does what a decree says.
    pub fn obey(
        &mut self,
        people: &mut People,
        gate: &mut Gate,
        (decree, at): (Decree, Millis),
        outcome: &mut Outcome,
    ) -> Result<()> {
        match decree {
            Decree::Policy(policy) => gate.enact(policy),
            Decree::Returns(returns) => {
                for one in returns {
                    self.give_back(people, gate, (one, at), outcome)?;
                }
            }
        }
        Ok(())
    }

    /// An entry is open once, so doing it again changes nothing.
    fn give_back(
        &mut self,
        people: &mut People,
        gate: &mut Gate,
        (one, at): (Return, Millis),
        outcome: &mut Outcome,
    ) -> Result<()> {
        let open = gate.quarantine.entry(one.entry).filter(|entry| entry.state == EntryState::Open);
        let Some(entry) = open.cloned() else { return Ok(()) };
        let Some(record) = one.record else {
            gate.quarantine.settle(entry.seq, EntryState::Discarded, at);
            return Ok(());
        };
        if !entry.whole {
            let place = entry.event.map(|place| (PersonNo(place.person), place.seq));
            return self.give_back_keys(people, gate, (entry.seq, at), (record, place), outcome);
        }
        if self.shared.tombstones.read().verdict_of(people.graph(), &record, record.time) == Verdict::Theirs {
            // Its person was erased since; it goes with them.
            gate.quarantine.settle(entry.seq, EntryState::Discarded, at);
            return Ok(());
        }
        if entry.reason.is_time() && !one.time_accepted {
            // Nobody said that its time is meant.
            return Ok(());
        }
        if let Some(refused) = gate.rules().check(&record) {
            gate.quarantine.refuse_again(entry.seq, refused.into());
            return Ok(());
        }
        // By the key of what arrived: it may have been sent again and stored meanwhile. What
        // named nobody was remembered when that was found, and has not been stored.
        let nobody = AsideReason::from(ReasonCode::NoIdentifier);
        let dedupe = &mut self.applied.dedupe;
        if dedupe.knows(entry.key) && entry.reason != nobody {
            outcome.duplicates += 1;
        } else {
            dedupe.insert(Memory::Imports, entry.key, record.received_at);
            // Its client may send it again from here on.
            dedupe.insert(Memory::Window, entry.key, at);
            let mut record = record;
            let admitted = gate.strip(&mut record);
            match self.apply_one(people, record, outcome) {
                Ok(place) => gate.keep(admitted, &entry.protocol, place)?,
                Err(_) => {
                    let (field, message) = ("identifiers".to_owned(), "is still about nobody".to_owned());
                    gate.quarantine.refuse_again(entry.seq, Why { reason: nobody, field, message });
                    return Ok(());
                }
            }
        }
        gate.quarantine.settle(entry.seq, EntryState::Replayed, at);
        Ok(())
    }

    /// Puts keys back to where the rest of their record was stored.
    fn give_back_keys(
        &mut self,
        people: &mut People,
        gate: &mut Gate,
        (seq, at): (u64, Millis),
        (mut record, place): (Record, Option<(PersonNo, u64)>),
        outcome: &mut Outcome,
    ) -> Result<()> {
        if let Some(refused) = gate.rules().check_keys(&mut record) {
            gate.quarantine.refuse_again(seq, refused.into());
            return Ok(());
        }
        match place {
            Some((person, seq)) => {
                let props = props_mut(&mut record.body).map(std::mem::take).unwrap_or_default();
                outcome.amendments.push(Amendment { person, seq, props });
            }
            // A change of attributes that sets these keys only.
            None => drop(self.apply_one(people, record, outcome)),
        }
        gate.quarantine.settle(seq, EntryState::Replayed, at);
        Ok(())
    }
}
