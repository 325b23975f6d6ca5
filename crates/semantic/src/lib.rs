//! Stagecraft: semantic.
