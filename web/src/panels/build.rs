//! What a build would do now: which steps come from the cache, and why the others run.

use std::rc::Rc;

use stagecraft_engine::Analysis;
use stagecraft_engine::plan::{Cache, Cause, Context, Step, Verdict};
use yew::prelude::*;

use super::problems::marked;

/// Properties of [`BuildPanel`].
#[derive(Properties)]
pub(crate) struct BuildPanelProps {
    /// What is to be said of the files.
    pub analysis: Rc<Analysis>,
    /// The files of the build context, where they are known.
    pub context: Option<Context>,
    /// What builds have left.
    pub cache: Rc<Cache>,
    /// The cursor's line.
    pub line: u32,
    /// Builds.
    pub onbuild: Callback<()>,
    /// Gives a file of the context another content.
    pub ontouch: Callback<String>,
    /// Shows a place, by its offset in bytes.
    pub onreveal: Callback<u32>,
}

impl PartialEq for BuildPanelProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.analysis, &other.analysis)
            && Rc::ptr_eq(&self.cache, &other.cache)
            && self.line == other.line
    }
}

/// More steps are counted, not listed.
const MOST_STEPS: usize = 120;

/// More files are not offered for a change.
const MOST_FILES: usize = 12;

/// The steps, in the order of the file.
#[component]
pub(crate) fn BuildPanel(props: &BuildPanelProps) -> Html {
    let plan = &props.analysis.plan;
    let verdicts = plan.verdicts(&props.cache, props.context.as_ref());
    let steps: Vec<(&Step, &Verdict)> = plan
        .steps
        .iter()
        .zip(&verdicts)
        .filter(|(step, verdict)| {
            step.command.is_some() && step.same_as.is_none() && **verdict != Verdict::Nothing
        })
        .collect();
    let onbuild = {
        let onbuild = props.onbuild.clone();
        Callback::from(move |_: MouseEvent| onbuild.emit(()))
    };
    html! {
        <section class="panel build" id="build" tabindex="-1" aria-labelledby="build-title">
            <header class="panel__head">
                <h2 id="build-title">{ "Build" }</h2>
                <p class="panel__note" aria-live="polite">{ summary(&steps) }</p>
                <button class="button build__go" disabled={steps.is_empty()} onclick={onbuild}>{ "Build" }</button>
            </header>
            if steps.is_empty() {
                <p class="panel__empty">{ "No step to run." }</p>
            } else {
                if steps.iter().any(|(_, verdict)| **verdict == Verdict::Runs(Cause::First)) {
                    <p class="build__first">{ "Nothing is in the cache yet. Build once, then change something." }</p>
                }
                <ol class="build__steps">{ for steps.iter().take(MOST_STEPS).map(|(step, verdict)| row(props, step, verdict)) }</ol>
                if steps.len() > MOST_STEPS {
                    <p class="panel__note">{ format!("and {} more", steps.len() - MOST_STEPS) }</p>
                }
            }
            { files(props) }
        </section>
    }
}

fn row(props: &BuildPanelProps, step: &Step, verdict: &Verdict) -> Html {
    let here = step.lines.0 <= props.line && props.line <= step.lines.1;
    let (class, word) = match verdict {
        Verdict::Cached => ("is-cached", "cached"),
        Verdict::Perhaps => ("is-open", "perhaps"),
        Verdict::Runs(_) | Verdict::Nothing => ("is-run", "runs"),
    };
    let steps = &props.analysis.plan.steps;
    let line = |at: usize| steps.get(at).map_or(0, |step| step.lines.0);
    let why = match verdict {
        // That nothing is in the cache is said once above.
        Verdict::Runs(Cause::First) | Verdict::Cached | Verdict::Nothing => None,
        Verdict::Runs(cause) => Some(cause.words(line)),
        Verdict::Perhaps => Some(
            "cached if the files that it takes from the other stage come out as before".to_owned(),
        ),
    };
    let onclick = {
        let onreveal = props.onreveal.clone();
        let offset = u32::from(step.range.start());
        Callback::from(move |_: MouseEvent| onreveal.emit(offset))
    };
    html! {
        <li key={u32::from(step.range.start())} class={classes!("build__step", class, here.then_some("is-here"))}>
            <button class="build__main" {onclick} aria-current={here.then_some("true")}>
                <span class="build__label">{ step.label.trim_matches(['[', ']']) }</span>
                <code class="build__text">{ &step.instruction }</code>
                <span class="build__word">{ word }</span>
            </button>
            if let Some(why) = why {
                <p class="build__why">{ marked(&why) }</p>
            }
        </li>
    }
}

/// What one can change besides the Dockerfile.
fn files(props: &BuildPanelProps) -> Html {
    let files = props.context.iter().flat_map(|context| &context.files);
    let files: Vec<String> = files
        .take(MOST_FILES)
        .map(|file| file.path.clone())
        .collect();
    if files.is_empty() {
        return html! {};
    }
    html! {
        <div class="build__files">
            <span class="panel__note">{ "Change a file:" }</span>
            { for files.into_iter().map(|path| {
                let (ontouch, name) = (props.ontouch.clone(), path.clone());
                let onclick = Callback::from(move |_: MouseEvent| ontouch.emit(name.clone()));
                html! { <button key={path.clone()} class="build__file" {onclick} aria-label={format!("Change {path}")}>{ path }</button> }
            }) }
        </div>
    }
}

/// "2 of 5 steps run".
fn summary(steps: &[(&Step, &Verdict)]) -> String {
    let count =
        |wanted: fn(&Verdict) -> bool| steps.iter().filter(|(_, verdict)| wanted(verdict)).count();
    let all = steps.len();
    let runs = count(|verdict| matches!(verdict, Verdict::Runs(_)));
    let open = count(|verdict| *verdict == Verdict::Perhaps);
    match (runs, open) {
        _ if all == 0 => String::new(),
        (0, 0) => "all cached".to_owned(),
        (runs, 0) => format!("{runs} of {all} steps run"),
        (runs, open) => format!("{runs} to {} of {all} steps run", runs + open),
    }
}
