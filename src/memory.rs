//! What a job takes, counted while it runs.
//!
//! Estimates are made before a job; this is the truth. Where [`Counting`] is the global
//! allocator, what the threads of a job take and give back is booked on its [`Account`].
//! A job that takes more than it may learns so from its monitor, and one to which the
//! system gives nothing more goes on with a reserve until then, instead of aborting.

#![allow(unsafe_code, reason = "an allocator hands out plain addresses")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, Ordering::Relaxed};

/// What one job has taken and not given back.
#[derive(Debug)]
pub struct Account {
    taken: AtomicI64,
    most: AtomicI64,
    allowed: AtomicI64,
    overdrawn: AtomicBool,
    /// Whether the system had nothing more to give.
    dry: AtomicBool,
}

impl Account {
    /// An account of which nothing has been taken, without a limit.
    pub const fn new() -> Self {
        Self {
            taken: AtomicI64::new(0),
            most: AtomicI64::new(0),
            allowed: AtomicI64::new(i64::MAX),
            overdrawn: AtomicBool::new(false),
            dry: AtomicBool::new(false),
        }
    }

    /// Begins anew, for the next job.
    pub fn clear(&self) {
        self.taken.store(0, Relaxed);
        self.most.store(0, Relaxed);
        self.allowed.store(i64::MAX, Relaxed);
        self.overdrawn.store(false, Relaxed);
        self.dry.store(false, Relaxed);
    }

    /// Sets the bytes that the job may have at a time.
    pub fn allow(&self, bytes: u64) {
        self.allowed.store(i64::try_from(bytes).unwrap_or(i64::MAX), Relaxed);
    }

    /// Bytes taken now.
    pub fn taken(&self) -> u64 {
        self.taken.load(Relaxed).max(0) as u64
    }

    /// The most bytes that were taken at a time.
    pub fn peak(&self) -> u64 {
        self.most.load(Relaxed) as u64
    }

    /// Bytes that may still be taken.
    pub fn left(&self) -> u64 {
        self.allowed.load(Relaxed).saturating_sub(self.taken.load(Relaxed)).max(0) as u64
    }

    /// Whether the job has to stop.
    #[inline]
    pub fn is_overdrawn(&self) -> bool {
        self.overdrawn.load(Relaxed)
    }

    /// Whether the system had nothing more to give.
    pub fn is_dry(&self) -> bool {
        self.dry.load(Relaxed)
    }

    fn book(&self, bytes: i64) {
        let taken = self.taken.fetch_add(bytes, Relaxed) + bytes;
        if taken > self.most.load(Relaxed) {
            self.most.fetch_max(taken, Relaxed);
        }
        if taken > self.allowed.load(Relaxed) {
            self.overdrawn.store(true, Relaxed);
        }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes that a thread keeps to itself before it books them: threads that take little at
/// a time do not wait for each other.
const UNBOOKED: i64 = 1 << 14;

thread_local! {
    static ACCOUNT: Cell<Option<&'static Account>> = const { Cell::new(None) };
    static POCKET: Cell<i64> = const { Cell::new(0) };
}

/// Books what this thread takes from now on.
pub(crate) fn book_on(account: &'static Account) {
    ACCOUNT.set(Some(account));
    POCKET.set(0);
}

#[inline]
fn book(bytes: i64) {
    if let Some(account) = ACCOUNT.get() {
        let pocket = POCKET.get() + bytes;
        if pocket.abs() < UNBOOKED {
            POCKET.set(pocket);
        } else {
            POCKET.set(0);
            account.book(pocket);
        }
    }
}

/// The allocator of the system, with a count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counting;

// SAFETY: all blocks are those of the system's allocator, by the caller's layouts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout.
        taken(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout.
        taken(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        book(-(layout.size() as i64));
        // SAFETY: the caller gives back a block of the system in its layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        book(-(layout.size() as i64));
        // SAFETY: a block of the system in its layout; the caller vouches for the size.
        let moved = taken(size, || unsafe { System.realloc(block, layout, size) });
        if moved.is_null() {
            book(layout.size() as i64);
        }
        moved
    }
}

/// A block from the system, tried again with the reserve if there is none.
#[inline]
fn taken(size: usize, give: impl Fn() -> *mut u8) -> *mut u8 {
    let mut block = give();
    if block.is_null() && size <= RESERVE {
        if let Some(account) = ACCOUNT.get() {
            account.dry.store(true, Relaxed);
            account.overdrawn.store(true, Relaxed);
        }
        spend_reserve();
        block = give();
    }
    if !block.is_null() {
        book(size as i64);
        ask_for_huge_pages(block, size);
    }
    block
}

/// Bytes of addresses kept for jobs that cannot be told at once that there are no more.
const RESERVE: usize = 64 << 20;

static RESERVED: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

fn reserve_layout() -> Layout {
    Layout::new::<[u8; RESERVE]>()
}

/// Sets addresses aside, if there are any: pages that nobody touches take no memory.
#[cfg(unix)]
pub fn keep_reserve() -> bool {
    if RESERVED.load(Relaxed).is_null() {
        // SAFETY: the layout is not empty.
        let block = unsafe { System.alloc(reserve_layout()) };
        let kept = RESERVED.compare_exchange(ptr::null_mut(), block, Relaxed, Relaxed);
        if kept.is_err() && !block.is_null() {
            // SAFETY: the block has just been made, and nobody else knows it.
            unsafe { System.dealloc(block, reserve_layout()) };
        }
    }
    !RESERVED.load(Relaxed).is_null()
}

/// Elsewhere untouched pages count as taken.
#[cfg(not(unix))]
pub fn keep_reserve() -> bool {
    true
}

fn spend_reserve() {
    let block = RESERVED.swap(ptr::null_mut(), Relaxed);
    if !block.is_null() {
        // SAFETY: the swap makes this thread the only one that has the block.
        unsafe { System.dealloc(block, reserve_layout()) };
    }
}

/// Bytes from which a table is worth huge pages, of which it may waste a part.
#[cfg(target_os = "linux")]
const HUGE: usize = 8 << 20;

#[cfg(target_os = "linux")]
fn ask_for_huge_pages(block: *mut u8, size: usize) {
    const PAGE: usize = 1 << 12;
    if size >= HUGE {
        let inside = block.align_offset(PAGE);
        // SAFETY: whole pages inside the block; where huge ones are not to be had, they
        // stay as they are.
        unsafe {
            libc::madvise(block.add(inside).cast(), size - PAGE, libc::MADV_HUGEPAGE);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_: *mut u8, _: usize) {}

/// Whether the system would give so many bytes now.
pub(crate) fn is_to_be_had(bytes: u64) -> bool {
    let layout = usize::try_from(bytes).ok().and_then(|size| Layout::array::<u8>(size).ok());
    layout.is_some_and(|layout| {
        // SAFETY: the layout is not empty, and what is given goes back untouched.
        let block = unsafe { System.alloc(layout) };
        // A block that nobody uses is never asked for by optimised code.
        let block = std::hint::black_box(block);
        if !block.is_null() {
            // SAFETY: as above.
            unsafe { System.dealloc(block, layout) };
        }
        !block.is_null()
    })
}

/// Gives what jobs have left in the pools of the C library back to the system.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn trim() {
    // SAFETY: takes no block from anybody.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn trim() {}
