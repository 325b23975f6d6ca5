//! What a build would do now: which steps come from the cache, and why the others run.

use std::rc::Rc;

use stagecraft_engine::plan::{BuilderKind, Cause, Slot, Step, Verdict};
use yew::prelude::*;

use super::options::OptionsForm;
use super::problems::marked;
use crate::state::{BuildOption, Desk};

/// Properties of [`BuildPanel`].
#[derive(Properties)]
pub(crate) struct BuildPanelProps {
    /// The files, what is to be said of them, and what builds have left.
    pub desk: Rc<Desk>,
    /// Builds.
    pub onbuild: Callback<()>,
    /// Asks for another build.
    pub onoption: Callback<BuildOption>,
    /// Shows the build context.
    pub oncontext: Callback<()>,
    /// Shows a place, by its offset in bytes.
    pub onreveal: Callback<u32>,
}

impl PartialEq for BuildPanelProps {
    fn eq(&self, other: &Self) -> bool {
        self.desk == other.desk
    }
}

/// More steps are counted, not listed.
const MOST_STEPS: usize = 120;

/// The width of a bar, in units of its own.
const WIDTH: u64 = 1000;

/// A step with what becomes of it.
#[derive(Clone, Copy)]
struct Row<'a> {
    step: &'a Step,
    verdict: &'a Verdict,
    slot: Slot,
    /// What it takes, in thousandths of a second.
    cost: u64,
}

/// The steps, in the order of the file.
#[component]
pub(crate) fn BuildPanel(props: &BuildPanelProps) -> Html {
    let desk = &props.desk;
    let builder = desk.workspace.builder;
    let plan = &desk.analysis.plan;
    let verdicts = desk.verdicts();
    let timeline = desk.analysis.timeline(builder, &verdicts);
    let whole = timeline.schedule.end;
    let slots = timeline.schedule.slots.iter().zip(&timeline.costs);
    let rows: Vec<Row<'_>> = plan
        .steps
        .iter()
        .zip(&verdicts)
        .zip(slots)
        .filter_map(|((step, verdict), (slot, &cost))| {
            Some(Row {
                step,
                verdict,
                slot: (*slot)?,
                cost,
            })
        })
        .collect();
    let has_steps = rows.iter().any(|row| row.step.command.is_some());
    let is_first = |row: &Row<'_>| *row.verdict == Verdict::Runs(Cause::First);
    let onbuild = {
        let onbuild = props.onbuild.clone();
        Callback::from(move |_: MouseEvent| onbuild.emit(()))
    };
    let choice = |kind: BuilderKind, name: &'static str, title: &'static str| {
        let pressed = builder == kind;
        let onoption = props.onoption.clone();
        let onclick =
            Callback::from(move |_: MouseEvent| onoption.emit(BuildOption::Builder(kind)));
        html! {
            <button class="build__builder" aria-pressed={pressed.to_string()} {title} {onclick}>{ name }</button>
        }
    };
    html! {
        <section class="panel build" id="build" tabindex="-1" aria-labelledby="build-title">
            <header class="panel__head">
                <h2 id="build-title">{ "Build" }</h2>
                <p class="panel__note" aria-live="polite">{ summary(&rows, builder) }</p>
                <button class="button build__go" disabled={!has_steps} onclick={onbuild}>{ "Build" }</button>
            </header>
            if has_steps {
                if rows.iter().any(is_first) {
                    <p class="build__first">{ "Nothing is in the cache yet. Build once, then change something." }</p>
                }
                <div class="build__bar">
                    <div class="build__builders" role="group" aria-label="Builder">
                        { choice(BuilderKind::Buildkit, "BuildKit", "What the target needs, side by side") }
                        { choice(BuilderKind::Legacy, "Legacy", "DOCKER_BUILDKIT=0: every stage up to the target, one step after the other") }
                    </div>
                    <p class="panel__note" title="By rules of thumb: what a step writes, at so many bytes a second">{ durations(whole, timeline.schedule.work) }</p>
                </div>
                <OptionsForm desk={Rc::clone(desk)} onoption={props.onoption.clone()} />
                <ol class="build__steps">{ for rows.iter().take(MOST_STEPS).map(|step| row(props, step, builder, whole)) }</ol>
                if rows.len() > MOST_STEPS {
                    <p class="panel__note">{ format!("and {} more", rows.len() - MOST_STEPS) }</p>
                }
            } else {
                <p class="panel__empty">{ "No step to run." }</p>
            }
        </section>
    }
}

fn row(props: &BuildPanelProps, it: &Row<'_>, builder: BuilderKind, whole: u64) -> Html {
    let Row {
        step,
        verdict,
        slot,
        cost,
    } = *it;
    let line = props.desk.line;
    let here = step.lines.0 <= line && line <= step.lines.1;
    let legacy = builder == BuilderKind::Legacy;
    let is_fetch = step.command.is_none();
    let (class, word) = match verdict {
        Verdict::Runs(_) if is_fetch => ("is-fetch", "fetched"),
        _ if is_fetch => ("is-fetch", "there"),
        Verdict::Perhaps if !legacy => ("is-open", "perhaps"),
        _ if cost > 0 => ("is-run", "runs"),
        _ => ("is-cached", "cached"),
    };
    let plan = &props.desk.analysis.plan;
    let line = |at: usize| plan.steps.get(at).map_or(0, |step| step.lines.0);
    let why = match verdict {
        _ if is_fetch => None,
        _ if legacy && !step.built => {
            Some("this builder does every stage up to the target, needed or not".to_owned())
        }
        // That nothing is in the cache is said once above.
        Verdict::Runs(Cause::First) => None,
        Verdict::Runs(cause) => Some(cause.words(line)),
        _ if legacy && cost > 0 => Some("a step before it in its stage runs".to_owned()),
        Verdict::Perhaps if !legacy => Some(
            "cached if the files that it takes from the other stage come out as before".to_owned(),
        ),
        Verdict::Perhaps | Verdict::Cached | Verdict::Nothing => None,
    };
    let onclick = {
        let onreveal = props.onreveal.clone();
        let offset = u32::from(step.range.start());
        Callback::from(move |_: MouseEvent| onreveal.emit(offset))
    };
    let label = step.label.to_string();
    let label = label.trim_matches(['[', ']']);
    html! {
        <li key={format!("{}-{}", u32::from(step.range.start()), step.stage.0)} class={classes!("build__step", class, here.then_some("is-here"))}>
            <button class="build__main" {onclick} aria-current={here.then_some("true")}>
                <span class="build__label">
                    { if label.is_empty() { "not needed" } else { label } }
                    if cost > 0 {
                        <span class="build__time">{ seconds(cost) }</span>
                    }
                </span>
                <code class="build__text">{ props.desk.analysis.instruction(step).into_owned() }</code>
                <span class="build__word">{ word }</span>
                { bar(slot, whole) }
            </button>
            if let Some(why) = why {
                { reason(props, &why, verdict) }
            }
        </li>
    }
}

/// Why a step runs; leads to the place that is behind it.
fn reason(props: &BuildPanelProps, why: &str, verdict: &Verdict) -> Html {
    let Verdict::Runs(cause) = verdict else {
        return html! { <p class="build__why">{ marked(why) }</p> };
    };
    let range = cause.range(&props.desk.analysis.plan);
    let onclick = match (cause, range) {
        (Cause::File(..), _) => props.oncontext.reform(|_: MouseEvent| ()),
        (_, Some(range)) => {
            let offset = u32::from(range.start());
            props.onreveal.reform(move |_: MouseEvent| offset)
        }
        _ => return html! { <p class="build__why">{ marked(why) }</p> },
    };
    html! {
        <p class="build__why"><button class="build__cause" {onclick}>{ marked(why) }</button></p>
    }
}

/// When it is done, against the whole.
fn bar(slot: Slot, whole: u64) -> Html {
    let place = |time: u64| time.saturating_mul(WIDTH) / whole.max(1);
    let (left, right) = (place(slot.start), place(slot.end));
    if slot.end == slot.start {
        return html! {};
    }
    let width = (right - left).max(4);
    html! {
        <svg class={classes!("build__track", slot.critical.then_some("is-critical"))} viewBox={format!("0 0 {WIDTH} 4")} preserveAspectRatio="none" aria-hidden="true">
            <rect x={left.min(WIDTH - width).to_string()} width={width.to_string()} height="4" />
        </svg>
    }
}

/// A time of the model: `0.3 s`, `12 s`, `2 min`.
fn seconds(thousandths: u64) -> String {
    match thousandths {
        0..100 => "0.1 s".to_owned(),
        100..9_950 => format!("{}.{} s", thousandths / 1000, thousandths / 100 % 10),
        9_950..120_000 => format!("{} s", (thousandths + 500) / 1000),
        _ => format!("{} min", (thousandths + 30_000) / 60_000),
    }
}

fn durations(end: u64, work: u64) -> String {
    if work == 0 {
        return "nothing to wait for".to_owned();
    }
    if end < work {
        return format!(
            "about {}, side by side; {} of work",
            seconds(end),
            seconds(work)
        );
    }
    format!("about {}, one after the other", seconds(end))
}

/// "2 of 5 steps run".
fn summary(rows: &[Row<'_>], builder: BuilderKind) -> String {
    let rows = rows.iter().filter(|row| row.step.command.is_some());
    let (mut all, mut runs, mut open) = (0, 0, 0);
    for row in rows {
        all += 1;
        if builder == BuilderKind::Buildkit && *row.verdict == Verdict::Perhaps {
            open += 1;
        } else if row.cost > 0 {
            runs += 1;
        }
    }
    match (runs, open) {
        _ if all == 0 => String::new(),
        (0, 0) => "all cached".to_owned(),
        (runs, 0) => format!("{runs} of {all} steps run"),
        (runs, open) => format!("{runs} to {} of {all} steps run", runs + open),
    }
}
