//! Large arrays straight from the system, and straight back.
//!
//! The allocator of the C library keeps large blocks that are freed, in pools that
//! belong to threads. Every call has threads of its own, so repeated calls would come
//! to hold several times the memory that one takes.

#![allow(unsafe_code, reason = "blocks of memory come and go as plain addresses")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;

use libc::{
    MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, MREMAP_MAYMOVE, PROT_READ, PROT_WRITE,
};

/// Bytes from which a block is mapped.
const LARGE: usize = 1 << 18;
/// Bytes from which pages are to be huge, of which a block may waste a part.
const HUGE: usize = 8 << 20;
/// Mappings begin at multiples of it.
const PAGE: usize = 1 << 12;

/// Maps large blocks, and leaves the others to the system's allocator.
pub struct Allocator;

/// Whether a block is mapped: the same for a layout in all calls.
fn is_mapped(layout: Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= PAGE
}

/// A new mapping, which holds zeros, or null.
fn map(size: usize) -> *mut u8 {
    let (access, kind) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    // SAFETY: an anonymous mapping at an address of the system's choice touches no other.
    let block = unsafe { libc::mmap(ptr::null_mut(), size, access, kind, -1, 0) };
    found(block, size)
}

/// A mapping as a block; null where there is none.
fn found(block: *mut libc::c_void, size: usize) -> *mut u8 {
    if block == MAP_FAILED {
        return ptr::null_mut();
    }
    if size >= HUGE {
        // SAFETY: the mapping has this size. Where huge pages are not to be had, it
        // stays as it is.
        unsafe { libc::madvise(block, size, MADV_HUGEPAGE) };
    }
    block.cast()
}

// SAFETY: blocks are mapped or the system's by their layouts alone, so each goes back
// where it came from. Mappings are aligned to pages, apart, and as large as asked for.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match is_mapped(layout) {
            true => map(layout.size()),
            // SAFETY: the caller's layout.
            false => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match is_mapped(layout) {
            true => map(layout.size()),
            // SAFETY: the caller's layout.
            false => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_mapped(layout) {
            // SAFETY: the caller gives back what `map` has made in this size.
            unsafe { libc::munmap(block.cast(), layout.size()) };
        } else {
            // SAFETY: the caller gives back what the system has made in this layout.
            unsafe { System.dealloc(block, layout) };
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller vouches for the new size.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_mapped(layout), is_mapped(wanted)) {
            (true, true) => {
                // SAFETY: the block is a mapping of the old size.
                let moved =
                    unsafe { libc::mremap(block.cast(), layout.size(), size, MREMAP_MAYMOVE) };
                found(moved, size)
            }
            // SAFETY: the block is the system's, and is to stay so.
            (false, false) => unsafe { System.realloc(block, layout, size) },
            // SAFETY: both blocks are as large as what is copied, and the old one is
            // given back only if there is a new one.
            _ => unsafe {
                let new = self.alloc(wanted);
                if !new.is_null() {
                    ptr::copy_nonoverlapping(block, new, size.min(layout.size()));
                    self.dealloc(block, layout);
                }
                new
            },
        }
    }
}
