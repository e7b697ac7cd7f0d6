//! What the peers' answers can be compared with: whole numbers and texts, in an order that does not
//! depend on who answers. Of tables that are mostly empty only the cells with somebody are told.

use serde_json::{Value, json};
use siyu_types::analysis::{
    AnalysisResult, AttributionKey, CREDIT_UNIT, CrosstabKey, FunnelGroup, Group, PathName, RfmPeople,
    Summary, TrendLine,
};

/// An answer of another kind than the question cannot equal that of any peer.
fn none() -> Vec<Value> {
    vec![Value::Null]
}

fn whole(number: f64) -> Value {
    json!(number.round() as i64)
}

/// Twice the median, which lies on a number or in the middle of two.
fn twice_median(summary: Option<Summary>) -> Value {
    summary.map_or(Value::Null, |summary| whole(summary.median * 2.0))
}

fn by_group(lines: &[TrendLine]) -> Vec<&TrendLine> {
    let mut lines: Vec<&TrendLine> = lines.iter().collect();
    lines.sort_by(|a, b| a.group.cmp(&b.group));
    lines
}

/// Values per bucket, group after group.
pub(crate) fn trend(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Trend(trend) = result else { return none() };
    let values = by_group(&trend.lines).into_iter().flat_map(|line| &line.values);
    // Where nothing happened, siyu says 0 and a query in SQL has no row.
    values.flatten().filter(|value| **value != 0.0).map(|value| whole(*value)).collect()
}

pub(crate) fn trend_totals(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Trend(trend) = result else { return none() };
    by_group(&trend.lines).into_iter().map(|line| whole(line.total.unwrap_or(0.0))).collect()
}

/// Totals of the groups that stand on their own, the largest first.
pub(crate) fn largest_totals(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Trend(trend) = result else { return none() };
    let shown = trend.lines.iter().filter(|line| matches!(line.group, Group::Value { .. }));
    let mut totals: Vec<f64> = shown.filter_map(|line| line.total).collect();
    totals.sort_by(|a, b| b.total_cmp(a));
    totals.into_iter().map(whole).collect()
}

/// Bins with somebody: which, and how many.
pub(crate) fn distribution(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Distribution(distribution) = result else { return none() };
    filled(&distribution.groups[0].people)
}

fn filled(people: &[u64]) -> Vec<Value> {
    let filled = people.iter().enumerate().filter(|(_, people)| **people > 0);
    filled.flat_map(|(at, people)| [json!(at), json!(people)]).collect()
}

fn steps(group: &FunnelGroup) -> impl Iterator<Item = Value> {
    group.steps.iter().map(|step| json!(step.people))
}

pub(crate) fn funnel(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Funnel(funnel) = result else { return none() };
    steps(&funnel.groups[0]).collect()
}

/// Name and steps of every group.
pub(crate) fn funnel_groups(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Funnel(funnel) = result else { return none() };
    let named = funnel.groups.iter().filter_map(|group| match &group.group {
        Group::Value { value } => Some((value, group)),
        _ => None,
    });
    let mut named: Vec<_> = named.collect();
    named.sort_by_key(|(name, _)| *name);
    named.into_iter().flat_map(|(name, group)| std::iter::once(json!(name)).chain(steps(group))).collect()
}

/// Steps of every bucket.
pub(crate) fn funnel_trend(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Funnel(funnel) = result else { return none() };
    funnel.groups[0].trend.iter().flatten().map(|people| json!(people)).collect()
}

/// People and the median times since the step before and since the first.
pub(crate) fn funnel_times(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Funnel(funnel) = result else { return none() };
    let mut all: Vec<Value> = steps(&funnel.groups[0]).collect();
    for step in &funnel.groups[0].steps[1..] {
        all.extend([twice_median(step.since_before), twice_median(step.since_first)]);
    }
    all
}

/// Cohort, column and people of every cell with somebody; column -1 is the cohort, 0 the same interval.
pub(crate) fn retention(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Retention(retention) = result else { return none() };
    let mut all = Vec::new();
    for (at, cohort) in retention.groups[0].cohorts.iter().enumerate() {
        let cells =
            [cohort.size, cohort.same.people].into_iter().chain(cohort.back.iter().map(|back| back.people));
        for (column, people) in (-1..).zip(cells).filter(|(_, people)| *people > 0) {
            all.extend([json!(at), json!(column), json!(people)]);
        }
    }
    all
}

/// Bucket, state (new, returning, resurrecting, dormant) and people.
pub(crate) fn lifecycle(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Lifecycle(lifecycle) = result else { return none() };
    let group = &lifecycle.groups[0];
    let states = [&group.new, &group.returning, &group.resurrecting, &group.dormant];
    let mut all = Vec::new();
    for bucket in 0..lifecycle.buckets.len() {
        let cells = states.iter().enumerate().map(|(state, people)| (state, people[bucket]));
        for (state, people) in cells.filter(|(_, people)| *people > 0) {
            all.extend([json!(bucket), json!(state), json!(people)]);
        }
    }
    all
}

/// Intervals less one, and people active in so many.
pub(crate) fn stickiness(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Stickiness(stickiness) = result else { return none() };
    filled(&stickiness.groups[0].people)
}

pub(crate) fn interval(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Interval(interval) = result else { return none() };
    let group = &interval.groups[0];
    vec![
        json!(group.total.count),
        json!(group.total.people),
        json!(group.too_long),
        twice_median(group.total.summary),
    ]
}

pub(crate) fn sessions(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Session(sessions) = result else { return none() };
    let total = &sessions.groups[0].total;
    let counts = [total.sessions, total.people, total.events, total.bounces];
    counts.into_iter().map(|count| json!(count)).chain([json!(total.duration_millis)]).collect()
}

/// Step, node, what it goes on to, and how often; "" is the node itself, "end" the end there.
pub(crate) fn paths(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Path(path) = result else { return none() };
    let name = |name: &PathName| match name {
        PathName::Event { event, .. } => event.clone(),
        PathName::Other => "other".to_owned(),
    };
    let nodes = path.nodes.iter().flat_map(|node| {
        [("", node.count), ("end", node.ends)]
            .map(|(to, count)| (node.step, name(&node.name), to.to_owned(), count))
    });
    let edges = path.edges.iter().map(|edge| (edge.step, name(&edge.from), name(&edge.to), edge.count));
    let mut all: Vec<_> = nodes.chain(edges).filter(|row| row.3 > 0).collect();
    all.sort();
    all.into_iter()
        .flat_map(|(step, from, to, count)| [json!(step), json!(from), json!(to), json!(count)])
        .collect()
}

pub(crate) fn sequence(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Sequence(sequence) = result else { return none() };
    vec![json!(sequence.groups[0].people)]
}

/// Touch, conversions and value credited to it.
pub(crate) fn credits(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Attribution(attribution) = result else { return none() };
    let rows = attribution.rows.iter().map(|row| {
        let name = match &row.key {
            AttributionKey::Value { value } => value.as_str(),
            AttributionKey::None => "none",
            _ => "else",
        };
        (name, row.credits[0].conversions / CREDIT_UNIT, row.credits[0].value)
    });
    let mut rows: Vec<_> = rows.filter(|row| row.1 > 0).collect();
    rows.sort_unstable();
    rows.into_iter().flat_map(|(name, count, value)| [json!(name), json!(count), json!(value)]).collect()
}

/// Scores of recency, frequency and money, with people, purchases and money.
pub(crate) fn rfm(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Rfm(rfm) = result else { return none() };
    let rows = rfm.scored.iter().map(|row| {
        let RfmPeople { people, count, value } = row.people;
        let scores = [row.recency, row.frequency, row.monetary].map(i64::from);
        (scores, [people as i64, count as i64, value])
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows.into_iter().flat_map(|(scores, counts)| scores.into_iter().chain(counts)).map(|n| json!(n)).collect()
}

/// Name and people of every row.
pub(crate) fn crosstab_rows(result: &AnalysisResult) -> Vec<Value> {
    let AnalysisResult::Crosstab(table) = result else { return none() };
    let rows = table.rows.iter().zip(&table.row_totals).map(|(key, people)| match key {
        CrosstabKey::Value { value } => (value.as_str(), people),
        CrosstabKey::Missing => ("missing", people),
        _ => ("else", people),
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows.into_iter().flat_map(|(name, people)| [json!(name), json!(people)]).collect()
}
