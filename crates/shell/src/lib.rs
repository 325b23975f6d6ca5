//! Stagecraft: shell.
