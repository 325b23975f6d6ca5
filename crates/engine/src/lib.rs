//! Stagecraft: engine.
