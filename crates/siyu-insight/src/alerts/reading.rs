//! Reads the number of an alert, by the same operations that answer an analysis. The project
//! asks, not a person: whoever made the alert was allowed to ask, and it holds numbers only.

use siyu_types::analysis::{
    AnalysisCell, AnalysisQuery, AnalysisResult, Group, TOP_MAX, TrendCell, TrendQuery,
};
use siyu_types::{Error, ProjectId, Result, Viewer, calendar};

use super::model::{AlertMeasure, AlertRule, AlertState, Days, Found, Watched};
use super::{periods, rules};
use crate::{Insight, analyses};

/// What there is to find now. An error is a finding, too.
pub(super) async fn look(insight: &Insight, project: ProjectId, watched: &Watched, rule: AlertRule) -> Found {
    match judge(insight, project, watched, rule).await {
        Ok(found) => found,
        Err(error) => Found { state: AlertState::Error, error: Some(rules::kept(&error)), ..Found::PENDING },
    }
}

/// As [`look`], for whoever may still mend what is wrong with it.
pub(super) async fn judge(
    insight: &Insight,
    project: ProjectId,
    watched: &Watched,
    rule: AlertRule,
) -> Result<Found> {
    let viewer = Viewer::system(project);
    let zone = insight.project(&viewer)?.zone();
    let days = periods::judged(&watched.cell, calendar::local_date(insight.now(), &zone))?;
    let value = number(insight, &viewer, watched, days).await?;
    let compared = match rule {
        AlertRule::Changes { against, .. } => {
            let earlier = periods::earlier(&watched.cell, days, against);
            number(insight, &viewer, watched, earlier).await?
        }
        _ => None,
    };
    Ok(Found { state: rules::verdict(rule, value, compared), value, compared, days: Some(days), error: None })
}

async fn number(insight: &Insight, viewer: &Viewer, watched: &Watched, days: Days) -> Result<Option<f64>> {
    let cell = periods::placed(&watched.cell, days)?;
    if let AnalysisCell::Trend { query, cell } = cell {
        return of_line(insight, viewer, query, &cell).await;
    }
    let whole = match watched.measure {
        AlertMeasure::Share => rules::whole_of(&cell),
        _ => None,
    };
    let part = analyses::people(insight, viewer, cell, None).await?.len() as f64;
    match whole {
        None => Ok(Some(part)),
        Some(whole) => {
            let whole = analyses::people(insight, viewer, whole, None).await?.len() as f64;
            Ok((whole > 0.0).then(|| part / whole))
        }
    }
}

async fn of_line(
    insight: &Insight,
    viewer: &Viewer,
    mut query: TrendQuery,
    cell: &TrendCell,
) -> Result<Option<f64>> {
    if rules::stands_alone(&cell.group) {
        query.top = Some(TOP_MAX);
    }
    let answer = analyses::answer(insight, viewer, AnalysisQuery::Trend(query.clone()), None).await?;
    let AnalysisResult::Trend(result) = answer.result else {
        return Err(Error::internal("the answer to a trend is of another kind"));
    };
    let of_series = || result.lines.iter().filter(|line| line.series == cell.series);
    let Some(line) = of_series().find(|line| line.group == cell.group) else {
        let summed = of_series().any(|line| line.group == Group::Other);
        return Ok(rules::of_absent(&query, cell.series, summed));
    };
    let Some(start) = &cell.bucket else { return Ok(line.total) };
    let at = result.buckets.iter().position(|bucket| bucket.start == *start);
    let at = at.ok_or_else(|| Error::internal("the answer does not hold the days that were asked for"))?;
    Ok(line.values.get(at).copied().flatten())
}
