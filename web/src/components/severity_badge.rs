//! How serious a finding is.

use stagecraft_engine::diagnostics::Severity;
use yew::prelude::*;

use super::{Icon, Sign};

/// Properties of [`SeverityBadge`].
#[derive(Properties, PartialEq)]
pub(crate) struct SeverityBadgeProps {
    /// How serious.
    pub severity: Severity,
}

/// Says it in a shape, a colour and, for those who listen, a word.
#[component]
pub(crate) fn SeverityBadge(SeverityBadgeProps { severity }: &SeverityBadgeProps) -> Html {
    let (sign, word) = match severity {
        Severity::Error => (Sign::Stop, "Error"),
        Severity::Warning => (Sign::Triangle, "Warning"),
        Severity::Info => (Sign::Circle, "Note"),
        Severity::Hint => (Sign::Dot, "Hint"),
    };
    html! {
        <span class={classes!("severity", format!("is-{}", severity.name()))} title={word}>
            <Icon {sign} />
            <span class="for-listeners">{ word }</span>
        </span>
    }
}
