//! What several tests share: the corpora of real tools' answers and how ours are held against
//! them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a corpus that is not what its README says must fail the test"
)]

pub mod conformance;
