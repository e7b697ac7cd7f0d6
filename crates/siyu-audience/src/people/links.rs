//! Which identifiers of a person were found to belong together, and when.

use siyu_types::PersonNo;

use super::People;
use crate::identity::Said;

impl People {
    /// The links that records made between a person's identifiers, in the order they
    /// were met; those that were taken apart since, too.
    pub fn links(&self, person: PersonNo) -> Vec<Said> {
        self.graph.said_of(person.0)
    }
}
