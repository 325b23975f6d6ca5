//! The memory of what runs in a browser: blocks of few bytes, which are most, are kept by their
//! size when they are given back and handed out again; everything else is `talc`'s.
//!
//! Reading and checking a Dockerfile asks for many small blocks and gives all of them back. To take
//! one from a list is a few steps, where a search for room looks at others and joins gaps.
#![expect(
    unsafe_code,
    reason = "an allocator hands out memory that nothing else looks after"
)]
#![expect(
    clippy::cast_ptr_alignment,
    reason = "blocks are aligned to `STEP`, links to less"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr;

/// Blocks are as large as the next multiple of this many bytes: room for the link of a list, and
/// as far apart as anything in them may have to be.
const STEP: usize = 16;
/// How many sizes have a list; anything above `STEP * SIZES` bytes has none.
const SIZES: usize = 64;
/// How many blocks a list keeps: some 8 MB in all if every list were full.
const KEPT: u32 = 256;

/// Keeps small blocks in front of another allocator.
///
/// For one thread: `Sync` only where there are no others.
#[derive(Debug)]
pub struct Allocator<A> {
    rest: A,
    lists: UnsafeCell<[List; SIZES]>,
}

/// Blocks of one size that were given back, each with the place of the next in its first bytes.
#[derive(Debug, Clone, Copy)]
struct List {
    first: *mut u8,
    count: u32,
}

// SAFETY: without atomics WebAssembly has one thread.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<A: Sync> Sync for Allocator<A> {}

impl<A> Allocator<A> {
    /// In front of `rest`.
    pub const fn new(rest: A) -> Self {
        let empty = List {
            first: ptr::null_mut(),
            count: 0,
        };
        Self {
            rest,
            lists: UnsafeCell::new([empty; SIZES]),
        }
    }

    /// The number of the list for such blocks.
    #[inline]
    fn list(layout: Layout) -> Option<usize> {
        // A size of nothing, which nobody may ask for, is too large here.
        let list = layout.size().wrapping_sub(1) / STEP;
        (list < SIZES && layout.align() <= STEP).then_some(list)
    }
}

/// What the blocks of a list are asked for by.
#[inline]
const fn whole(list: usize) -> Layout {
    // SAFETY: `STEP` is a power of two, and the size far below the limit.
    unsafe { Layout::from_size_align_unchecked((list + 1) * STEP, STEP) }
}

// SAFETY: a block comes from `rest` with a size and an alignment at least those that are asked
// for, is in use or in one list, and goes back to `rest` as it came.
//
// Each of them once: the compiler would put them into thousands of places, and the page would no
// longer fit into its budget.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Allocator<A> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(list) = Self::list(layout) else {
            // SAFETY: as the caller promises.
            return unsafe { self.rest.alloc(layout) };
        };
        // SAFETY: one thread, and nothing below calls back; `list` is below `SIZES`.
        let kept = unsafe { (*self.lists.get()).get_unchecked_mut(list) };
        let first = kept.first;
        if first.is_null() {
            // SAFETY: not empty.
            return unsafe { self.rest.alloc(whole(list)) };
        }
        // SAFETY: `dealloc` has put the place of the next one there.
        kept.first = unsafe { first.cast::<*mut u8>().read() };
        kept.count -= 1;
        first
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(list) = Self::list(layout) else {
            // SAFETY: as the caller promises.
            return unsafe { self.rest.dealloc(block, layout) };
        };
        // SAFETY: as in `alloc`.
        let kept = unsafe { (*self.lists.get()).get_unchecked_mut(list) };
        if kept.count == KEPT {
            // SAFETY: it came by this layout.
            return unsafe { self.rest.dealloc(block, whole(list)) };
        }
        // SAFETY: nobody uses the block any longer, and a link has room in it.
        unsafe { block.cast::<*mut u8>().write(kept.first) };
        kept.first = block;
        kept.count += 1;
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (Self::list(layout), Self::list(new)) {
            (None, None) => {
                // SAFETY: as the caller promises.
                unsafe { self.rest.realloc(block, layout, size) }
            }
            (old, new) if old == new => block,
            _ => {
                // SAFETY: as the caller promises.
                let moved = unsafe { self.alloc(new) };
                if !moved.is_null() {
                    // SAFETY: two blocks, each at least so large.
                    unsafe {
                        ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                }
                moved
            }
        }
    }
}

/// In front of `talc`, for a program that runs in a browser.
#[cfg(target_family = "wasm")]
pub type BrowserAllocator = Allocator<talc::wasm::WasmDynamicTalc>;

/// What such a program declares as its allocator.
#[cfg(target_family = "wasm")]
pub const fn browser_allocator() -> BrowserAllocator {
    Allocator::new(talc::wasm::new_wasm_dynamic_allocator())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::System;
    use std::cell::RefCell;
    use std::collections::HashMap;

    /// The system's allocator, which fails where a block comes back other than it went out.
    #[derive(Default)]
    struct Watched(RefCell<HashMap<usize, Layout>>);

    // SAFETY: it is `System`.
    unsafe impl GlobalAlloc for Watched {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as the caller promises.
            let block = unsafe { System.alloc(layout) };
            self.0.borrow_mut().insert(block.addr(), layout);
            block
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            assert_eq!(self.0.borrow_mut().remove(&block.addr()), Some(layout));
            // SAFETY: as the caller promises.
            unsafe { System.dealloc(block, layout) }
        }
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// A block with what was written into it.
    struct Block {
        start: *mut u8,
        layout: Layout,
        letter: u8,
    }

    impl Block {
        fn new(allocator: &Allocator<Watched>, layout: Layout, letter: u8) -> Self {
            // SAFETY: the size is not 0.
            let start = unsafe { allocator.alloc(layout) };
            assert!(!start.is_null());
            let block = Self {
                start,
                layout,
                letter,
            };
            block.fill();
            block
        }

        fn fill(&self) {
            assert!(self.start.addr().is_multiple_of(self.layout.align()));
            // SAFETY: so large it is.
            unsafe { self.start.write_bytes(self.letter, self.layout.size()) }
        }

        fn check(&self, bytes: usize) {
            // SAFETY: so large it is, and it was filled.
            let held = unsafe { std::slice::from_raw_parts(self.start, bytes) };
            assert!(held.iter().all(|byte| *byte == self.letter));
        }

        fn give_back(self, allocator: &Allocator<Watched>) {
            self.check(self.layout.size());
            // SAFETY: it came from there.
            unsafe { allocator.dealloc(self.start, self.layout) }
        }

        fn resize(&mut self, allocator: &Allocator<Watched>, size: usize) {
            // SAFETY: it came from there, and the size is not 0.
            self.start = unsafe { allocator.realloc(self.start, self.layout, size) };
            assert!(!self.start.is_null());
            self.check(self.layout.size().min(size));
            self.layout = layout(size, self.layout.align());
            self.fill();
        }
    }

    #[test]
    fn blocks_keep_what_is_written_into_them_whatever_happens_to_others() {
        let allocator = Allocator::new(Watched::default());
        let mut blocks = Vec::new();
        let mut random = 1_u32;
        let mut next = |below: usize| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as usize % below
        };
        for letter in (0..=250).cycle().take(40_000) {
            let most = if next(8) == 0 { 4_000 } else { 200 };
            match next(3) {
                0 if blocks.is_empty() => {}
                0 => {
                    let block: Block = blocks.swap_remove(next(blocks.len()));
                    block.give_back(&allocator);
                }
                1 if !blocks.is_empty() => {
                    let at = next(blocks.len());
                    blocks[at].resize(&allocator, 1 + next(most));
                }
                _ => {
                    let layout = layout(1 + next(most), 1 << next(7));
                    blocks.push(Block::new(&allocator, layout, letter));
                }
            }
        }
        for block in blocks {
            block.give_back(&allocator);
        }
    }

    #[test]
    fn a_small_block_that_was_given_back_is_handed_out_again() {
        let allocator = Allocator::new(Watched::default());
        let first = Block::new(&allocator, layout(17, 1), 1);
        let place = first.start;
        first.give_back(&allocator);
        let second = Block::new(&allocator, layout(32, 8), 2);
        assert_eq!(second.start, place);
        assert_eq!(allocator.rest.0.borrow().len(), 1);
    }

    #[test]
    fn a_list_keeps_so_many_blocks_and_gives_the_others_back() {
        let allocator = Allocator::new(Watched::default());
        let blocks: Vec<_> = (0..3 * KEPT)
            .map(|_| Block::new(&allocator, layout(24, 4), 3))
            .collect();
        assert_eq!(allocator.rest.0.borrow().len(), 3 * KEPT as usize);
        for block in blocks {
            block.give_back(&allocator);
        }
        assert_eq!(allocator.rest.0.borrow().len(), KEPT as usize);
    }

    #[test]
    fn a_large_block_goes_back_at_once() {
        let allocator = Allocator::new(Watched::default());
        Block::new(&allocator, layout(STEP * SIZES + 1, 1), 4).give_back(&allocator);
        assert!(allocator.rest.0.borrow().is_empty());
        let aligned = Block::new(&allocator, layout(24, 64), 5);
        aligned.give_back(&allocator);
        assert!(allocator.rest.0.borrow().is_empty());
    }

    #[test]
    fn a_vector_that_grows_moves_only_where_its_size_has_another_list() {
        let allocator = Allocator::new(Watched::default());
        let mut block = Block::new(&allocator, layout(1, 1), 6);
        let mut places = Vec::new();
        for size in 1..=64 {
            block.resize(&allocator, size);
            places.push(block.start);
        }
        places.dedup();
        assert_eq!(places.len(), 4);
        block.give_back(&allocator);
    }
}
