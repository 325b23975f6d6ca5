//! Stagecraft: syntax.
