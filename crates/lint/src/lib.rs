//! Stagecraft: lint.
