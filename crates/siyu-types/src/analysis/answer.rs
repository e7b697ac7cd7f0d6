//! What all answers have in common.

use super::{
    AttributionKey, AttributionResult, Bucket, CrosstabKey, CrosstabResult, DistributionResult, FunnelResult,
    Group, HeatmapResult, IntervalResult, LifecycleResult, PathName, PathResult, RetentionResult,
    RevenueResult, RfmResult, SequenceResult, SessionResult, StickinessResult, TrendResult,
};

/// The answer to a question.
pub trait Answer {
    /// Nothing that happens from now on can change it, but for events that come late and people
    /// who turn out to be one.
    fn complete(&self) -> bool;

    /// Shows every value of a property, attribute or tag in it, which may be masked.
    fn each_value(&mut self, see: &mut dyn FnMut(&mut String));
}

fn all_complete(buckets: &[Bucket]) -> bool {
    buckets.iter().all(|bucket| bucket.complete)
}

fn named<'g>(groups: impl Iterator<Item = &'g mut Group>, see: &mut dyn FnMut(&mut String)) {
    for group in groups {
        if let Group::Value { value } = group {
            see(value);
        }
    }
}

impl Answer for TrendResult {
    fn complete(&self) -> bool {
        all_complete(&self.buckets)
    }

    fn each_value(&mut self, see: &mut dyn FnMut(&mut String)) {
        named(self.lines.iter_mut().map(|line| &mut line.group), see);
    }
}

impl Answer for PathResult {
    fn complete(&self) -> bool {
        self.complete
    }

    fn each_value(&mut self, see: &mut dyn FnMut(&mut String)) {
        let nodes = self.nodes.iter_mut().map(|node| &mut node.name);
        for name in nodes.chain(self.edges.iter_mut().flat_map(|edge| [&mut edge.from, &mut edge.to])) {
            if let PathName::Event { value: Some(value), .. } = name {
                see(value);
            }
        }
    }
}

impl Answer for AttributionResult {
    fn complete(&self) -> bool {
        self.complete
    }

    fn each_value(&mut self, see: &mut dyn FnMut(&mut String)) {
        for row in &mut self.rows {
            if let AttributionKey::Value { value } = &mut row.key {
                see(value);
            }
        }
    }
}

impl Answer for CrosstabResult {
    fn complete(&self) -> bool {
        self.complete
    }

    fn each_value(&mut self, see: &mut dyn FnMut(&mut String)) {
        for key in self.rows.iter_mut().chain(&mut self.columns) {
            if let CrosstabKey::Value { value } = key {
                see(value);
            }
        }
    }
}

impl Answer for RfmResult {
    fn complete(&self) -> bool {
        self.complete
    }

    fn each_value(&mut self, _: &mut dyn FnMut(&mut String)) {}
}

macro_rules! grouped {
    ($($result:ident: |$answer:ident| $complete:expr;)*) => {$(
        impl Answer for $result {
            fn complete(&self) -> bool {
                let $answer = self;
                $complete
            }

            fn each_value(&mut self, see: &mut dyn FnMut(&mut String)) {
                named(self.groups.iter_mut().map(|group| &mut group.group), see);
            }
        }
    )*};
}

grouped! {
    FunnelResult: |answer| answer.complete;
    RetentionResult: |answer| answer.groups.iter().flat_map(|group| &group.cohorts).all(|cohort| {
        cohort.bucket.complete && cohort.back.iter().all(|back| back.complete)
    });
    LifecycleResult: |answer| all_complete(&answer.buckets);
    StickinessResult: |answer| answer.complete;
    DistributionResult: |answer| answer.complete;
    // An end may come at any time.
    IntervalResult: |_answer| false;
    SessionResult: |answer| all_complete(&answer.buckets);
    RevenueResult: |answer| answer.groups.iter().flat_map(|group| &group.cohorts).all(|cohort| {
        cohort.bucket.complete && cohort.columns.iter().all(|column| column.complete)
    });
    SequenceResult: |answer| answer.complete;
    HeatmapResult: |answer| answer.complete;
}
