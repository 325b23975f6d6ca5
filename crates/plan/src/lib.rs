//! Stagecraft: plan.
