//! Signs, drawn as lines in the colour of the text around them.

use yew::prelude::*;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// An error.
    Stop,
    /// A warning.
    Triangle,
    /// A note.
    Circle,
    /// A hint.
    Dot,
    /// Done.
    Tick,
    /// Not yet done.
    Ring,
    /// To the lesson before.
    Left,
    /// To the next lesson.
    Right,
    /// Light colours.
    Sun,
    /// Dark colours.
    Moon,
    /// Colours of the system.
    Half,
    /// A repair.
    Spark,
    /// A flag: what is built.
    Flag,
}

/// Properties of [`Icon`].
#[derive(Properties, PartialEq)]
pub(crate) struct IconProps {
    /// What is drawn.
    pub sign: Sign,
}

/// A sign of 16 units, hidden from those who listen: a word beside it says the same.
#[component]
pub(crate) fn Icon(IconProps { sign }: &IconProps) -> Html {
    let path = match sign {
        Sign::Stop => "M5.5 1.5h5l4 4v5l-4 4h-5l-4-4v-5zM8 4.5v4M8 11v.5",
        Sign::Triangle => "M8 2 1.5 13.5h13zM8 6.5v3.5M8 12v.3",
        Sign::Circle => "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 0 1 0-12.5M8 7.25v4M8 4.6v.4",
        Sign::Dot => "M8 5.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 0 1 0-5",
        Sign::Tick => "M2.5 8.5 6.25 12.25 13.5 4",
        Sign::Ring => "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11",
        Sign::Left => "M10 3 5 8l5 5",
        Sign::Right => "M6 3l5 5-5 5",
        Sign::Sun => {
            "M8 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1"
        }
        Sign::Moon => "M13.5 9.5A6 6 0 1 1 6.5 2.5a5 5 0 0 0 7 7",
        Sign::Half => "M8 2a6 6 0 1 1 0 12a6 6 0 0 1 0-12M8 2v12M8 5h4.5M8 8h6M8 11h4.5",
        Sign::Spark => "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
        Sign::Flag => "M4 14.5v-13M4 2.5h8.5l-2 3 2 3H4",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    }
}
