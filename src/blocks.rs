//! Long lists a block at a time, so that whoever goes through them can be stopped.

use crate::error::Result;
use crate::monitor::Monitor;

/// Entries of a block: far less than a millisecond.
const BLOCK: usize = 1 << 14;

/// The blocks of a list, with a look at the monitor before each.
pub fn blocks<'a, T>(
    list: &'a [T],
    monitor: &'a Monitor,
) -> impl Iterator<Item = Result<&'a [T]>> + use<'a, T> {
    list.chunks(BLOCK).map(|block| monitor.check().map(|()| block))
}

/// What a function makes of each entry of a list, if anything.
pub fn mapped<T, U>(
    list: &[T],
    function: impl Fn(&T) -> Option<U>,
    monitor: &Monitor,
) -> Result<Vec<U>> {
    let mut mapped = monitor.room(list.len())?;
    for block in blocks(list, monitor) {
        mapped.extend(block?.iter().filter_map(&function));
    }
    Ok(mapped)
}

/// Copies a list into another of the same length.
pub fn copy<T: Copy>(from: &[T], to: &mut [T], monitor: &Monitor) -> Result<()> {
    to.chunks_mut(BLOCK).zip(blocks(from, monitor)).try_for_each(|(to, from)| {
        to.copy_from_slice(from?);
        Ok(())
    })
}
