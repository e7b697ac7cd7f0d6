//! Who uses a value that several people may use: a device, a family's phone, the
//! number a shop assistant types for every customer. In too many hands it links nobody.

use siyu_types::clock::Millis;
use siyu_types::identity::{Class, Namespace};

use super::graph::{Graph, Key, NONE};
use super::links::Cause;

const DAY: i64 = 24 * 3_600_000;
/// Users remembered beyond those needed to see that a value is shared.
const USERS_BEYOND: usize = 5;

/// Who was seen with a value.
#[derive(Clone, Default, PartialEq, Debug)]
pub(crate) struct Usage {
    pub users: Vec<User>,
    /// Too many people in too short a time: it no longer links anybody. Final.
    pub shared: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct User {
    /// The node they were known by.
    pub node: u32,
    pub last: Millis,
    /// The value once belonged to them, rather than only appeared beside them.
    pub owner: bool,
}

fn within(namespace: &Namespace, last: Millis, at: Millis) -> bool {
    namespace.people_days == 0 || (last - at).abs() <= i64::from(namespace.people_days) * DAY
}

impl Graph {
    pub(super) fn usage(&self, node: u32) -> Option<&Usage> {
        self.usages.get(self.nodes[node as usize].usage as usize)
    }

    pub(crate) fn node_is_shared(&self, node: u32) -> bool {
        self.usage(node).is_some_and(|usage| usage.shared)
    }

    /// Whether a value is in too many hands to say anything.
    pub fn is_shared(&self, identifier: &siyu_types::Identifier) -> bool {
        self.find_identifier(identifier).is_some_and(|node| self.node_is_shared(node))
    }

    /// Values that this record shows with one person too many stop linking.
    pub(super) fn mark_shared(&mut self, keys: &[Key], at: Millis) -> Vec<u32> {
        let mut touched = Vec::new();
        if self.class(keys[0].slot) == Class::Device {
            return touched;
        }
        let user = self.find(&keys[0]).map(|node| self.person_of_node(node));
        for key in &keys[1..] {
            let Some(namespace) = self.namespace(key.slot) else { continue };
            let most = usize::from(namespace.people_max);
            let Some(node) = self.find(key).filter(|_| most > 0) else { continue };
            if self.node_is_shared(node) || self.recent_users(node, user, at) < most {
                continue;
            }
            if let Some(usage) = self.usages.get_mut(self.nodes[node as usize].usage as usize) {
                usage.shared = true;
            }
            self.counters.shared += 1;
            touched.extend(self.isolate(node, at, Cause::Shared, "shared"));
        }
        touched
    }

    /// Different people a value was seen with in the span up to `at`, without `except`.
    fn recent_users(&self, node: u32, except: Option<u32>, at: Millis) -> usize {
        let Some(usage) = self.usage(node) else { return 0 };
        let Some(namespace) = self.namespace(self.nodes[node as usize].slot) else { return 0 };
        let mut people: Vec<u32> = usage
            .users
            .iter()
            .filter(|user| within(namespace, user.last, at))
            .map(|user| self.person_of_node(user.node))
            .filter(|person| Some(*person) != except)
            .collect();
        people.sort_unstable();
        people.dedup();
        people.len()
    }

    /// Whether somebody else than `person` once had this value.
    pub(super) fn belonged_to_another(&self, node: u32, person: Option<u32>) -> bool {
        self.usage(node).is_some_and(|usage| {
            usage.users.iter().any(|user| user.owner && Some(self.person_of_node(user.node)) != person)
        })
    }

    /// Remembers that a value was seen with the person of `head`.
    pub(super) fn note_user(&mut self, node: u32, head: u32, owner: bool, at: Millis) {
        let most = self.namespace(self.nodes[node as usize].slot).map_or(0, |n| usize::from(n.people_max));
        if most == 0 {
            return;
        }
        let person = self.person_of_node(head);
        if self.nodes[node as usize].usage == NONE {
            self.nodes[node as usize].usage = self.usages.len() as u32;
            self.usages.push(Usage::default());
        }
        let usage = self.nodes[node as usize].usage as usize;
        if self.usages[usage].shared {
            return;
        }
        let known = self.usages[usage].users.iter().position(|user| self.person_of_node(user.node) == person);
        let users = &mut self.usages[usage].users;
        if let Some(known) = known {
            users[known].last = users[known].last.max(at);
            users[known].owner |= owner;
            return;
        }
        if users.len() >= most + USERS_BEYOND {
            let oldest = users.iter().enumerate().min_by_key(|(_, user)| (user.owner, user.last));
            if let Some((oldest, _)) = oldest {
                users.swap_remove(oldest);
            }
        }
        users.push(User { node: head, last: at, owner });
    }
}
