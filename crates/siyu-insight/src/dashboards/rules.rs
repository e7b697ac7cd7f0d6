//! What a dashboard must fulfil, as far as it alone tells.

use std::collections::BTreeSet;

use siyu_audience::Named;
use siyu_types::{Error, ErrorCode, Result};

use super::model::{Asks, Dashboard, Tile};
use crate::analyses;

/// Tiles of one dashboard: each is a question that is asked whenever somebody looks.
pub(super) const TILES_MAX: usize = 40;
const TITLE_CHARS_MAX: usize = 100;

/// Tiles with an id each, none of them twice. `given`: the ids that stand there already;
/// an id that does not is not taken over, so that nobody's link leads to another tile.
pub(super) fn numbered(mut tiles: Vec<Tile>, given: &[Tile]) -> Result<Vec<Tile>> {
    if tiles.len() > TILES_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "the dashboard has too many tiles")
            .with("limit", TILES_MAX.to_string())
            .at("tiles"));
    }
    let known: BTreeSet<u32> = given.iter().map(|tile| tile.id).collect();
    let mut taken = BTreeSet::new();
    let mut next = known.last().copied().unwrap_or(0);
    for (index, tile) in tiles.iter_mut().enumerate() {
        if tile.title.chars().count() > TITLE_CHARS_MAX {
            let field = format!("tiles[{index}].title");
            return Err(Error::invalid(field, format!("at most {TITLE_CHARS_MAX} characters")));
        }
        tile.title = tile.title.trim().to_owned();
        if !known.contains(&tile.id) || !taken.insert(tile.id) {
            next += 1;
            tile.id = next;
            taken.insert(next);
        }
    }
    Ok(tiles)
}

/// The saved analyses that tiles show.
pub(super) fn shown(tiles: &[Tile]) -> BTreeSet<i64> {
    let shown = tiles.iter().filter_map(|tile| match tile.asks {
        Asks::Analysis { analysis } => Some(analysis),
        Asks::Question { .. } => None,
    });
    shown.collect()
}

/// The tags and segments that a dashboard speaks of itself; its analyses hold their own.
pub(super) fn names(dashboard: &Dashboard) -> Vec<Named> {
    let own = dashboard.tiles.iter().filter_map(|tile| match &tile.asks {
        Asks::Question { query, .. } => Some(analyses::names(query)),
        Asks::Analysis { .. } => None,
    });
    own.flatten().chain(dashboard.segment.map(Named::Segment)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::model::{Show, Width};

    fn tile(id: u32) -> Tile {
        let asks = Asks::Analysis { analysis: 1 };
        Tile { id, title: String::new(), asks, width: Width::Half, show: Show::Chart }
    }

    #[test]
    fn ids_stay_with_their_tiles() {
        let ids = |tiles: &[u32], given: &[u32]| {
            let given: Vec<_> = given.iter().copied().map(tile).collect();
            let tiles = tiles.iter().copied().map(tile).collect();
            let numbered = numbered(tiles, &given).expect("few enough");
            numbered.iter().map(|tile| tile.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[0, 0], &[]), [1, 2]);
        assert_eq!(ids(&[3, 1, 0], &[1, 3]), [3, 1, 4], "moved, and one that is new");
        assert_eq!(ids(&[1, 1], &[1]), [1, 2], "a copy is another tile");
        assert_eq!(ids(&[9], &[1]), [2], "an id that nobody was given");
    }
}
