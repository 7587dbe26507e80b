//! What edges beyond the threshold could do.

use super::bars::Bar;
use super::filtration::{Entering, Filtration};
use super::options::RipsOptions;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::union_find::UnionFind;

/// What is known of longer edges before anything is computed.
pub struct Outlook {
    is_cone: bool,
    has_longer: bool,
    /// Components of all edges, at least, if nothing but components can change.
    components: Option<usize>,
}

impl Outlook {
    pub fn new(
        filtration: &Filtration<'_>,
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let (len, is_cone) = (filtration.len(), filtration.is_cone());
        // A class of degree k takes 2k + 2 points.
        let components_only = options.maxdim.min((len / 2).saturating_sub(1)) == 0;
        let is_cut = filtration.lengths().is_cut();
        if is_cone || is_cut || filtration.will_be_cone() {
            let components = components_only.then_some(1);
            return Ok(Self { is_cone, has_longer: !is_cone, components });
        }
        let mut sets = UnionFind::new(if components_only { len } else { 0 });
        let mut has_longer = false;
        filtration.lengths().for_each_row(0..len, monitor, |low, row| {
            row.for_each(|high, d| {
                has_longer |= d > filtration.threshold() && d.is_finite();
                if components_only && d.is_finite() {
                    sets.union(low, high);
                }
            });
        })?;
        let components = components_only.then_some(sets.sets());
        Ok(Self { is_cone, has_longer, components })
    }

    /// Whether longer edges can change nothing, if these are the bars of degree zero: there
    /// are none, a point is joined to all others, or what was asked for are components, and
    /// no longer edge joins two of them.
    pub fn is_complete(&self, components: &[Bar]) -> bool {
        let essential = components.iter().filter(|bar| bar.death == f64::INFINITY).count();
        let settled = self.components.is_some_and(|last| essential <= last);
        self.is_cone || !self.has_longer || settled
    }
}
