//! What a person has chosen for the page itself.

use std::rc::Rc;

use yew::Reducible;

use crate::browser;

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one behind this one, when the button is pressed.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// In words.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::System => "Colours: as the system",
            Self::Light => "Colours: light",
            Self::Dark => "Colours: dark",
        }
    }

    /// Whether the page is dark with it.
    pub(crate) fn is_dark(self) -> bool {
        match self {
            Self::System => browser::prefers_dark(),
            Self::Light => false,
            Self::Dark => true,
        }
    }
}

/// What a small screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The lesson.
    Lesson,
    /// The editor.
    Code,
    /// The stage graph.
    Graph,
    /// What a build does.
    Build,
    /// The findings.
    Problems,
    /// The sizes.
    Sizes,
}

impl View {
    /// All of them, from left to right.
    pub(crate) const ALL: [Self; 6] = [
        Self::Lesson,
        Self::Code,
        Self::Graph,
        Self::Problems,
        Self::Build,
        Self::Sizes,
    ];

    /// Its name for the styles.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lesson => "lesson",
            Self::Code => "code",
            Self::Graph => "graph",
            Self::Build => "build",
            Self::Problems => "problems",
            Self::Sizes => "sizes",
        }
    }

    /// Its name for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Lesson => "Lesson",
            Self::Code => "Code",
            Self::Graph => "Graph",
            Self::Build => "Build",
            Self::Problems => "Problems",
            Self::Sizes => "Sizes",
        }
    }
}

/// What a person has chosen for the page itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// Colours.
    pub theme: Theme,
    /// What a small screen shows.
    pub view: View,
}

/// What changes the settings.
pub(crate) enum SettingsAction {
    /// Other colours.
    Theme(Theme),
    /// Another view on a small screen.
    View(View),
}

/// Where the colours are kept; `main.ts` reads it before the app is there.
const THEME_KEY: &str = "theme";

impl Settings {
    /// As they were left.
    pub(crate) fn load() -> Self {
        let theme = match browser::stored(THEME_KEY).as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        Self {
            theme,
            view: View::Code,
        }
    }

    /// Tells the page's styles.
    pub(crate) fn show(&self) {
        let name = match self.theme {
            Theme::System => None,
            theme => Some(theme.name()),
        };
        browser::set_root_attribute("data-theme", name);
    }
}

impl Reducible for Settings {
    type Action = SettingsAction;

    fn reduce(self: Rc<Self>, action: SettingsAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            SettingsAction::Theme(theme) => {
                next.theme = theme;
                browser::store(THEME_KEY, theme.name());
            }
            SettingsAction::View(view) => next.view = view,
        }
        Rc::new(next)
    }
}
