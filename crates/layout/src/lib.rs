//! Stagecraft: layout.
