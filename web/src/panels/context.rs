//! The build context: its files, and what becomes of each.

use std::rc::Rc;

use stagecraft_engine::context::{Fate, fates};
use stagecraft_engine::plan::{ContextFile, words};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::state::{ContextEdit, Desk};

/// Properties of [`ContextPanel`].
#[derive(Properties)]
pub(crate) struct ContextPanelProps {
    /// The files and what is to be said of them.
    pub desk: Rc<Desk>,
    /// Changes the context.
    pub onedit: Callback<ContextEdit>,
    /// Shows a place of the Dockerfile, by its offset in bytes.
    pub onreveal: Callback<u32>,
    /// Shows the `.dockerignore`.
    pub onignore: Callback<()>,
}

impl PartialEq for ContextPanelProps {
    fn eq(&self, other: &Self) -> bool {
        // Every change of the files or of the context comes with another analysis.
        Rc::ptr_eq(&self.desk.analysis, &other.desk.analysis)
    }
}

/// More files are counted, not listed.
const MOST_FILES: usize = 60;

/// The files in order, with what becomes of each.
#[component]
pub(crate) fn ContextPanel(props: &ContextPanelProps) -> Html {
    let input = use_node_ref();
    let desk = &props.desk;
    let files = fates(&desk.workspace, &desk.analysis).unwrap_or_default();
    let onadd = {
        let (onedit, input) = (props.onedit.clone(), input.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = input.cast::<HtmlInputElement>() else {
                return;
            };
            let path = input.value().trim().trim_start_matches('/').to_owned();
            if !path.is_empty() {
                onedit.emit(ContextEdit::Add(path));
                input.set_value("");
            }
        })
    };
    let edit = |edit: ContextEdit| {
        let onedit = props.onedit.clone();
        Callback::from(move |_: MouseEvent| onedit.emit(edit.clone()))
    };
    html! {
        <section class="panel context" id="context" tabindex="-1" aria-labelledby="context-title">
            <header class="panel__head">
                <h2 id="context-title">{ "Context" }</h2>
                <p class="panel__note">{ summary(&files) }</p>
                if desk.is_context_changed() {
                    <button class="build__file context__restore" onclick={edit(ContextEdit::Restore)}>{ "Undo all" }</button>
                }
            </header>
            if files.is_empty() {
                <p class="panel__empty">{ "No files. Add one, and see what COPY takes of it." }</p>
            }
            <ul class="context__files">{ for files.iter().take(MOST_FILES).map(|(file, fate)| {
                let (class, word, title) = mark(desk, *fate);
                let onmark = {
                    let (onreveal, onignore) = (props.onreveal.clone(), props.onignore.clone());
                    let place = match *fate {
                        Fate::Taken(at) => desk.analysis.plan.steps.get(at).map(|step| u32::from(step.range.start())),
                        _ => None,
                    };
                    let fate = *fate;
                    Callback::from(move |_: MouseEvent| match (fate, place) {
                        (Fate::Taken(_), Some(place)) => onreveal.emit(place),
                        (Fate::Ignored(_), _) => onignore.emit(()),
                        _ => {}
                    })
                };
                let path = &file.path;
                html! {
                    <li key={path.clone()} class={classes!("context__file", class)}>
                        <code class="context__path" title={path.clone()}>{ path }</code>
                        <span class="context__size">{ size(file) }</span>
                        <button class="context__mark" {title} disabled={*fate == Fate::Unused} onclick={onmark}>{ word }</button>
                        <button class="context__tool" onclick={edit(ContextEdit::Touch(path.clone()))} aria-label={format!("Change {path}")} title="Give it another content">{ "\u{21bb}" }</button>
                        <button class="context__tool" onclick={edit(ContextEdit::Remove(path.clone()))} aria-label={format!("Remove {path}")} title="Take it away">{ "\u{d7}" }</button>
                    </li>
                }
            }) }</ul>
            if files.len() > MOST_FILES {
                <p class="panel__note">{ format!("and {} more", files.len() - MOST_FILES) }</p>
            }
            <form class="context__add" onsubmit={onadd}>
                <input ref={input} class="context__input" aria-label="Path of a new file" placeholder="src/new.txt" autocomplete="off" spellcheck="false" maxlength="200" />
                <button class="build__file" type="submit">{ "Add a file" }</button>
            </form>
        </section>
    }
}

fn mark(desk: &Desk, fate: Fate) -> (&'static str, String, String) {
    match fate {
        Fate::Taken(at) => {
            let line = desk
                .analysis
                .plan
                .steps
                .get(at)
                .map_or(0, |step| step.lines.0);
            (
                "is-sent",
                "sent".to_owned(),
                format!("Line {line} takes it"),
            )
        }
        Fate::Unused => (
            "is-unused",
            "not used".to_owned(),
            "No step takes it, so BuildKit does not send it".to_owned(),
        ),
        Fate::Ignored(line) => (
            "is-ignored",
            format!("ignored, line {line}"),
            format!("Line {line} of .dockerignore leaves it out"),
        ),
    }
}

fn size(file: &ContextFile) -> String {
    if file.count > 1 {
        format!("{}, {} files", words(file.size), file.count)
    } else {
        words(file.size)
    }
}

/// "1.2 MB of 250 MB sent".
fn summary(files: &[(&ContextFile, Fate)]) -> String {
    let sum = |wanted: fn(Fate) -> bool| {
        let sizes = files.iter().filter(|(_, fate)| wanted(*fate));
        sizes.fold(0_u64, |sum, (file, _)| sum.saturating_add(file.size))
    };
    if files.is_empty() {
        return "no files".to_owned();
    }
    let (sent, all) = (sum(|fate| matches!(fate, Fate::Taken(_))), sum(|_| true));
    format!("{} of {} sent", words(sent), words(all))
}
