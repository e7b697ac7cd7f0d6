//! The shared vocabulary of siyu: ids, values, records, the condition language,
//! queries and results, the clock, error codes, permissions and ports. Pure data
//! and pure functions; nothing here touches SQL, HTTP, files or a runtime.

pub mod analysis;
pub mod calendar;
pub mod clock;
pub mod condition;
pub mod erasure;
pub mod error;
pub mod identity;
pub mod ids;
pub mod item;
pub mod order;
pub mod permission;
pub mod personal;
pub mod ports;
pub mod record;
pub mod relation;
pub mod sealed;
pub mod sight;
pub mod telling;
pub mod value;

pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorCode, Result};
pub use ids::{PersonNo, ProjectId};
pub use item::ItemField;
pub use order::{OrderCondition, OrderMeasure, OrderState};
pub use permission::{Permission, Role, Viewer};
pub use personal::{Exposure, FieldKind, PersonalClass, PersonalRules};
pub use record::{Identifier, Record};
pub use value::{Props, Value};
