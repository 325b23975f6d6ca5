//! Stagecraft: sizes.
