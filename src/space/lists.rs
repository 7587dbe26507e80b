//! For each point a list of others with their distances, by index, one list after the other.

use crate::error::Result;
use crate::monitor::Monitor;

/// A list of points and distances for each point, by index.
#[derive(Debug, Clone, PartialEq)]
pub struct Lists {
    /// Where each list begins, and where the last one ends.
    pub starts: Vec<usize>,
    pub others: Vec<u32>,
    pub distances: Vec<f64>,
}

/// Lists of points that follow each other in some order: where each ends, and all of them.
pub type Block = (Vec<usize>, Vec<(u32, f64)>);

impl Lists {
    /// One list after the other.
    pub fn joined(rows: &[Vec<(u32, f64)>], monitor: &Monitor) -> Result<Self> {
        let mut lists = Self::with_capacity(rows.len(), rows.iter().map(Vec::len).sum(), monitor)?;
        for row in rows {
            monitor.check()?;
            row.iter().for_each(|&(j, distance)| lists.push(j, distance));
            lists.starts.push(lists.others.len());
        }
        Ok(lists)
    }

    /// The lists of points in another order, block after block.
    pub fn gathered(order: &[u32], blocks: &[Block], monitor: &Monitor) -> Result<Self> {
        let mut starts = monitor.filled(order.len() + 1, 0)?;
        for_each(order, blocks, monitor, |i, list| starts[i + 1] = list.len())?;
        for i in 0..order.len() {
            starts[i + 1] += starts[i];
        }
        let end = starts[order.len()];
        let (mut others, mut distances) = (monitor.filled(end, 0)?, monitor.filled(end, 0.0)?);
        for_each(order, blocks, monitor, |i, list| {
            for (&(j, distance), place) in list.iter().zip(starts[i]..) {
                (others[place], distances[place]) = (j, distance);
            }
        })?;
        Ok(Self { starts, others, distances })
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Adds to each list those in whose lists the point is.
    pub fn symmetric(&self, monitor: &Monitor) -> Result<Self> {
        let reversed = self.reversed(monitor)?;
        let mut merged = Self::with_capacity(self.len(), 2 * self.others.len(), monitor)?;
        for i in 0..self.len() {
            monitor.check()?;
            let (mut own, mut others) = (self.list(i).peekable(), reversed.list(i).peekable());
            loop {
                let (first, second) = (own.peek().copied(), others.peek().copied());
                let place = |entry: Option<(u32, f64)>| entry.map_or(u64::MAX, |(j, _)| j.into());
                if place(first) <= place(second) {
                    own.next();
                }
                if place(second) <= place(first) {
                    others.next();
                }
                let least = if place(first) <= place(second) { first } else { second };
                let Some((j, distance)) = least else { break };
                merged.push(j, distance);
            }
            merged.starts.push(merged.others.len());
        }
        Ok(merged)
    }

    /// The points in whose lists each is, with the same distances.
    fn reversed(&self, monitor: &Monitor) -> Result<Self> {
        let mut starts = monitor.filled(self.len() + 2, 0)?;
        self.others.iter().for_each(|&j| starts[j as usize + 2] += 1);
        for k in 2..starts.len() {
            starts[k] += starts[k - 1];
        }
        let end = self.others.len();
        let (mut others, mut distances) = (monitor.filled(end, 0)?, monitor.filled(end, 0.0)?);
        for i in 0..self.len() {
            monitor.check()?;
            for (j, distance) in self.list(i) {
                let end = &mut starts[j as usize + 1];
                (others[*end], distances[*end]) = (i as u32, distance);
                *end += 1;
            }
        }
        starts.pop();
        Ok(Self { starts, others, distances })
    }

    fn list(&self, i: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let list = self.starts[i]..self.starts[i + 1];
        self.others[list.clone()].iter().copied().zip(self.distances[list].iter().copied())
    }

    fn with_capacity(len: usize, entries: usize, monitor: &Monitor) -> Result<Self> {
        let mut starts = monitor.room(len + 1)?;
        starts.push(0);
        Ok(Self { starts, others: monitor.room(entries)?, distances: monitor.room(entries)? })
    }

    fn push(&mut self, j: u32, distance: f64) {
        self.others.push(j);
        self.distances.push(distance);
    }
}

/// Visits the list of each point.
fn for_each(
    order: &[u32],
    blocks: &[Block],
    monitor: &Monitor,
    mut visit: impl FnMut(usize, &[(u32, f64)]),
) -> Result<()> {
    let mut points = order.iter();
    for (ends, entries) in blocks {
        monitor.check()?;
        let mut start = 0;
        for (&end, &i) in ends.iter().zip(&mut points) {
            visit(i as usize, &entries[start..end]);
            start = end;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_put_in_order_and_made_symmetric() {
        let monitor = Monitor::new();
        // The points 2, 0 and 3, then 1.
        let blocks = [
            (vec![1, 3, 3], vec![(0, 2.0), (1, 1.0), (3, 3.0)]),
            (vec![2], vec![(0, 1.0), (3, 4.0)]),
        ];
        let lists = Lists::gathered(&[2, 0, 3, 1], &blocks, &monitor).unwrap();
        let rows = [vec![(1, 1.0), (3, 3.0)], vec![(0, 1.0), (3, 4.0)], vec![(0, 2.0)], vec![]];
        assert_eq!(lists, Lists::joined(&rows, &monitor).unwrap());
        let both = [
            vec![(1, 1.0), (2, 2.0), (3, 3.0)],
            vec![(0, 1.0), (3, 4.0)],
            vec![(0, 2.0)],
            vec![(0, 3.0), (1, 4.0)],
        ];
        assert_eq!(lists.symmetric(&monitor), Lists::joined(&both, &monitor));
    }
}
