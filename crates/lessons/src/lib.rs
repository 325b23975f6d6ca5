//! Stagecraft: lessons.
