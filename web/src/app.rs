//! The root of the page: what is on the desk, where one is, and who shows what.

use std::rc::Rc;

use js_sys::{Object, Reflect, Uint8Array};
use stagecraft_engine::plan::Tables;
use stagecraft_engine::text::{Edit, TextSize};
use stagecraft_lessons::{Files, Guide, Lesson};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use yew::prelude::*;

use crate::browser::{self, Listener};
use crate::editor::Boot;
use crate::exchange::{self, Given};
use crate::panels::{
    BuildPanel, ContextPanel, EditorPanel, GraphPanel, Header, Inspector, LessonPanel,
    ProblemsPanel, RulePanel, SizesPanel, edits,
};
use crate::route::{Route, lesson_href};
use crate::state::{Action, Desk, OpenFile, Settings, SettingsAction, Shelf, Sought, View};

/// What the app is mounted with.
#[derive(PartialEq, Properties)]
pub(crate) struct AppProps {
    /// What the loader has made.
    pub boot: Boot,
    /// The lessons.
    pub guide: Rc<Shelf>,
}

/// Where the name of the last lesson is kept; `main.ts` reads it before the app is there.
const LAST_KEY: &str = "last";

/// Where the draft of a file of a lesson is kept; `main.ts` builds the same name.
fn draft_key(name: &str, file: OpenFile) -> String {
    format!("draft:{name}:{}", file.name())
}

/// The files of a lesson as they were left, else as it starts.
fn files_of(lesson: Option<&Lesson>) -> Files {
    let start = lesson
        .map(|lesson| lesson.start.clone())
        .unwrap_or_default();
    let slug = lesson.map_or("", |lesson| lesson.slug.as_str());
    let draft = |file| browser::stored(&draft_key(slug, file));
    Files {
        dockerfile: draft(OpenFile::Dockerfile).unwrap_or(start.dockerfile),
        dockerignore: match draft(OpenFile::Dockerignore) {
            Some(text) => Some(text).filter(|text| !text.is_empty()),
            None => start.dockerignore,
        },
    }
}

/// What a link says: what is on the desk, and what a small screen shows.
fn exchange_of(desk: &Desk, view: View) -> (Rc<Desk>, View) {
    (Rc::new(desk.clone()), view)
}

/// The lesson that the address names, else the last one, else the first.
fn current_lesson(guide: &Shelf) -> Option<Rc<Lesson>> {
    let named = match Route::current() {
        Route::Lesson(slug) => guide.whole(&slug),
        _ => browser::stored(LAST_KEY).and_then(|slug| guide.whole(&slug)),
    };
    let lesson = named.or_else(|| guide.lessons().next());
    lesson.cloned().map(Rc::new)
}

/// The lesson that something was handed in for.
fn lesson_of(given: &Given, guide: &Shelf) -> Option<Rc<Lesson>> {
    let slug = given.lesson.as_deref()?;
    guide.whole(slug).cloned().map(Rc::new)
}

/// The page.
#[component]
pub(crate) fn App(AppProps { boot, guide }: &AppProps) -> Html {
    let desk = use_reducer(|| {
        if let Some(given) = Given::read(&boot.given()) {
            return Desk::with(lesson_of(&given, guide), given);
        }
        let lesson = current_lesson(guide);
        let files = files_of(lesson.as_deref());
        Desk::new(lesson, files)
    });
    let settings = use_reducer(Settings::load);

    use_effect_with(settings.theme, {
        let settings = settings.clone();
        move |_| settings.show()
    });

    // What a first visit has for itself until it has its analysis is not all of the app. What would
    // be built is shown with the rest.
    let whole = use_state_eq(|| boot.is_whole());
    use_effect_with((), {
        let (boot, whole) = (boot.clone(), whole.setter());
        move |()| {
            let done = Closure::once_into_js(move || whole.set(true));
            boot.when_whole(done.unchecked_ref());
        }
    });

    // Sizes of packages come later than the page; until then they are unknown.
    use_effect_with((), {
        let dispatcher = desk.dispatcher();
        let boot = boot.clone();
        move |()| {
            let done = Closure::once_into_js(move |bytes: Uint8Array| {
                dispatcher.dispatch(Action::Tables(Tables::read(&bytes.to_vec())));
            });
            boot.packages(done.unchecked_ref());
        }
    });

    // Where one is.
    let route = use_state_eq(Route::current);
    use_effect_with((), {
        let dispatcher = desk.dispatcher();
        let view = settings.dispatcher();
        let route = route.setter();
        let guide = Rc::clone(guide);
        move |()| {
            let listener = browser::on_hash_change(move || {
                let now = Route::current();
                // "/" leads away from what came by a link; any other word is no place.
                if matches!(now, Route::Lesson(_)) || browser::hash() == "/" {
                    let lesson = current_lesson(&guide);
                    let files = files_of(lesson.as_deref());
                    dispatcher.dispatch(Action::Lesson(lesson, files));
                } else if matches!(now, Route::Rule(_) | Route::Rules) {
                    view.dispatch(SettingsAction::View(View::Lesson));
                }
                route.set(now);
            });
            move || drop::<Listener>(listener)
        }
    });
    // The other lessons come later than a first visit; the address may name one by then.
    use_effect_with((), {
        let (boot, guide, dispatcher) = (boot.clone(), Rc::clone(guide), desk.dispatcher());
        move |()| {
            let done = Closure::once_into_js(move |bytes: Uint8Array| {
                guide.fill(Guide::unpack(&bytes.to_vec()).unwrap_or_default());
                if matches!(Route::current(), Route::Lesson(_)) {
                    let lesson = current_lesson(&guide);
                    let files = files_of(lesson.as_deref());
                    dispatcher.dispatch(Action::Lesson(lesson, files));
                }
            });
            boot.all_lessons(done.unchecked_ref());
        }
    });
    let slug = desk.lesson.as_ref().map(|lesson| lesson.slug.clone());
    use_effect_with(slug, {
        let desk = desk.clone();
        move |slug| {
            let title = desk.lesson.as_ref().map(|lesson| lesson.title.clone());
            let title = title.map_or_else(
                || "Stagecraft: a Dockerfile playground".to_owned(),
                |title| format!("{title} · Stagecraft"),
            );
            browser::set_title(&title);
            if let Some(slug) = slug {
                browser::store(LAST_KEY, slug);
            }
        }
    });

    // Whoever links to this state or has the page in their own gets at it.
    let latest = use_mut_ref(|| None);
    *latest.borrow_mut() = Some(exchange_of(&desk, settings.view));
    use_effect_with((), {
        let (boot, guide, latest) = (boot.clone(), Rc::clone(guide), Rc::clone(&latest));
        let (desk, view) = (desk.dispatcher(), settings.dispatcher());
        move |()| {
            let get = Closure::<dyn Fn() -> JsValue>::new(move || {
                let latest = latest.borrow();
                latest
                    .as_ref()
                    .map_or(JsValue::NULL, |(desk, view)| exchange::state(desk, *view))
            });
            let set = Closure::<dyn Fn(JsValue)>::new(move |state: JsValue| {
                let Some(given) = Given::read(&state) else {
                    return;
                };
                if let Some(shown) = given.view {
                    view.dispatch(SettingsAction::View(shown));
                }
                let lesson = lesson_of(&given, &guide);
                desk.dispatch(Action::Given(lesson, Box::new(given)));
            });
            let functions = Object::new();
            for (name, function) in [("getState", get.as_ref()), ("setState", set.as_ref())] {
                // A plain object takes every key.
                let _ = Reflect::set(&functions, &name.into(), function);
            }
            boot.connect(&functions);
            move || drop((get, set))
        }
    });
    let told = (Rc::clone(&desk.analysis), desk.replaced, desk.no_cache);
    use_effect_with(told, {
        let (boot, desk) = (boot.clone(), desk.clone());
        move |_| {
            if boot.listens() {
                boot.tell(&exchange::report(&desk));
            }
        }
    });

    // What was typed outlives the page.
    use_effect_with((Rc::clone(&desk.analysis), desk.replaced), {
        let (boot, desk) = (boot.clone(), desk.clone());
        move |_| {
            let lesson = desk.lesson.as_deref();
            let start = lesson
                .map(|lesson| lesson.start.clone())
                .unwrap_or_default();
            let files = desk.files();
            for (file, text, start) in [
                (
                    OpenFile::Dockerfile,
                    Some(files.dockerfile),
                    Some(start.dockerfile),
                ),
                (
                    OpenFile::Dockerignore,
                    files.dockerignore,
                    start.dockerignore,
                ),
            ] {
                let slug = lesson.map_or("", |lesson| lesson.slug.as_str());
                let key = draft_key(desk.slot.as_deref().unwrap_or(slug), file);
                if text == start && desk.slot.is_none() {
                    browser::forget(&key);
                } else if !browser::store(&key, &text.unwrap_or_default()) {
                    boot.unkept();
                }
            }
        }
    });

    let onreveal = {
        let (desk, settings) = (desk.dispatcher(), settings.dispatcher());
        Callback::from(move |offset: u32| {
            settings.dispatch(SettingsAction::View(View::Code));
            desk.dispatch(Action::Seek(Sought::Offset(TextSize::new(offset))));
        })
    };
    let onskip = {
        let (desk, settings) = (desk.dispatcher(), settings.dispatcher());
        Callback::from(move |event: MouseEvent| {
            // The address names the lesson, and the place may be hidden.
            event.prevent_default();
            settings.dispatch(SettingsAction::View(View::Code));
            desk.dispatch(Action::Seek(Sought::Cursor));
        })
    };
    let onfix = {
        let (boot, desk) = (boot.clone(), desk.clone());
        Callback::from(move |changes: Vec<Edit>| {
            let analysis = &desk.analysis;
            let source = analysis.file.source();
            boot.editor()
                .apply_edits(source, &edits(analysis, &changes));
        })
    };
    let onbuild = {
        let desk = desk.dispatcher();
        Callback::from(move |()| desk.dispatch(Action::Build))
    };
    let oncontext = {
        let desk = desk.dispatcher();
        Callback::from(move |edit| desk.dispatch(Action::Context(edit)))
    };
    let onignore = {
        let (desk, settings) = (desk.dispatcher(), settings.dispatcher());
        Callback::from(move |()| {
            desk.dispatch(Action::Open(OpenFile::Dockerignore));
            settings.dispatch(SettingsAction::View(View::Code));
        })
    };
    let ontarget = {
        let desk = desk.dispatcher();
        Callback::from(move |target| desk.dispatch(Action::Target(target)))
    };
    let onoption = {
        let desk = desk.dispatcher();
        Callback::from(move |option| desk.dispatch(Action::Option(option)))
    };
    let onseecontext = Callback::from(|()| browser::focus("context"));
    let ontheme = {
        let settings = settings.dispatcher();
        Callback::from(move |theme| settings.dispatch(SettingsAction::Theme(theme)))
    };
    let onshare = {
        let boot = boot.clone();
        Callback::from(move |()| boot.share())
    };
    let onlesson = Callback::from(|slug: String| {
        browser::set_hash(lesson_href(&slug).trim_start_matches('#'));
    });
    let onreplace = {
        let (desk, settings) = (desk.dispatcher(), settings.dispatcher());
        Callback::from(move |files: Files| {
            settings.dispatch(SettingsAction::View(View::Code));
            desk.dispatch(Action::Replace(files));
        })
    };
    let onbase = {
        let desk = desk.dispatcher();
        Callback::from(move |(name, bytes)| desk.dispatch(Action::Base(name, bytes)))
    };
    let ontry = {
        let (desk, onreplace) = (desk.clone(), onreplace.clone());
        Callback::from(move |dockerfile: String| {
            onreplace.emit(Files {
                dockerfile,
                ..desk.files()
            });
        })
    };
    let view = |view: View| {
        let settings_now = settings.view == view;
        let dispatcher = settings.dispatcher();
        let onclick =
            Callback::from(move |_: MouseEvent| dispatcher.dispatch(SettingsAction::View(view)));
        let count = match view {
            View::Problems => Some(desk.analysis.findings.len()).filter(|count| *count > 0),
            _ => None,
        };
        html! {
            <button key={view.name()} class="views__button" aria-pressed={settings_now.to_string()} {onclick}>
                { view.label() }
                if let Some(count) = count { <span class="views__count">{ count }</span> }
            </button>
        }
    };
    let next = desk.lesson.as_ref().and_then(|lesson| {
        let mut behind = guide
            .lessons()
            .skip_while(|other| other.slug != lesson.slug);
        behind
            .nth(1)
            .map(|next| (next.slug.clone(), next.title.clone()))
    });
    let rule = match &*route {
        Route::Rule(name) => Some(Some(name.clone())),
        Route::Rules => Some(None),
        Route::Lesson(_) | Route::Start => None,
    };
    let current = Rc::new((*desk).clone());
    html! {
        <div class="app" data-view={settings.view.name()}>
            <a class="skip" href="#file-dockerfile" onclick={onskip}>{ "To the editor" }</a>
            <Header desk={Rc::clone(&current)} guide={Rc::clone(guide)} theme={settings.theme} {ontarget} {ontheme} {onlesson} {onshare} />
            <main class="desk">
                if let Some(name) = rule {
                    <RulePanel {name} lesson={desk.lesson.as_ref().map(|lesson| (lesson.slug.clone(), lesson.title.clone()))} {ontry} />
                } else {
                    <LessonPanel lesson={desk.lesson.clone()} met={desk.goals.clone()} {next} analysis={Rc::clone(&desk.analysis)} {ontry} {onreplace} />
                }
                <EditorPanel boot={boot.clone()} desk={desk.clone()} dark={settings.theme.is_dark()}>
                    <Inspector analysis={Rc::clone(&desk.analysis)} line={desk.line} />
                </EditorPanel>
                <div class="side">
                    <GraphPanel graph={Rc::clone(&desk.graph.0)} stale={desk.graph.1} line={desk.line} onreveal={onreveal.clone()} />
                    <ProblemsPanel analysis={Rc::clone(&desk.analysis)} line={desk.line} onreveal={onreveal.clone()} {onfix} />
                    <SizesPanel analysis={Rc::clone(&desk.analysis)} line={desk.line} start={desk.start} {onbase} onreveal={onreveal.clone()} />
                    if *whole {
                        <BuildPanel desk={Rc::clone(&current)} {onbuild} {onoption} oncontext={onseecontext} onreveal={onreveal.clone()} />
                        <ContextPanel desk={Rc::clone(&current)} onedit={oncontext} {onreveal} {onignore} />
                    }
                </div>
            </main>
            <nav class="views" aria-label="Parts of the page">{ for View::ALL.map(view) }</nav>
        </div>
    }
}
