//! How large the stages get, as bars and as a table.

use std::borrow::Cow;
use std::rc::Rc;

use stagecraft_engine::Analysis;
use stagecraft_engine::plan::{Basis, Estimate, Image, Span, binary_words, words};
use stagecraft_engine::semantic::{Base, Stage};
use stagecraft_engine::text::TextRange;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`SizesPanel`].
#[derive(Properties, PartialEq)]
pub(crate) struct SizesPanelProps {
    /// What is to be said of the files.
    pub analysis: Rc<Analysis>,
    /// The cursor's line.
    pub line: u32,
    /// Bytes of the image that the lesson starts with, where that is known.
    pub start: Option<u64>,
    /// A person says how many bytes a base image has, or takes that back.
    pub onbase: Callback<(String, Option<u64>)>,
    /// Shows a place, by its offset in bytes.
    pub onreveal: Callback<u32>,
}

/// Width of the bars in the units of their drawing.
const WIDTH: u64 = 1_000;

/// How wide a layer is drawn whose size is not known: seen, but no claim.
const UNKNOWN: u64 = 12;

/// More stages are not drawn.
const MOST_STAGES: usize = 40;

/// Bars, a stage each, and the table that says why each figure is believed.
#[component]
pub(crate) fn SizesPanel(props: &SizesPanelProps) -> Html {
    let analysis = &props.analysis;
    let plan = &analysis.plan;
    let widest = plan.images.iter().map(reach).max().unwrap_or(0);
    let target = analysis.model.target();
    // The target is there however many there are.
    let shown: Vec<&Image> = plan
        .images
        .iter()
        .enumerate()
        .filter(|(at, image)| *at < MOST_STAGES || Some(image.stage) == target)
        .map(|(_, image)| image)
        .collect();
    let rest = plan.images.len() - shown.len();
    html! {
        <section class="panel sizes" aria-labelledby="sizes-title">
            <header class="panel__head">
                <h2 id="sizes-title">{ "Sizes" }</h2>
                <p class="panel__note">{ "estimated, before compression" }</p>
            </header>
            if plan.images.is_empty() {
                <p class="panel__empty">{ "Nothing to weigh yet." }</p>
            } else {
                { headline(props) }
                <ul class="sizes__stages">{ for shown.into_iter().map(|image| bar(props, image, widest)) }</ul>
                if rest > 0 {
                    <p class="panel__note">{ format!("and {rest} more stages") }</p>
                }
                if let Some(shared) = plan.together().shared() {
                    <p class="panel__note">{ format!("Of these {} are in several images, and take up room once.", words(shared)) }</p>
                }
                { bases(props) }
                { waste(props) }
                { table(props) }
                <History analysis={Rc::clone(&props.analysis)} />
            }
        </section>
    }
}

/// The most that an image holds, for the scale.
fn reach(image: &Image) -> u64 {
    let total = &image.total;
    total.likely.unwrap_or(0).max(total.low)
}

/// The image, how much of a single stage it saves, and what the edits since the lesson's start do.
fn headline(props: &SizesPanelProps) -> Html {
    let analysis = &props.analysis;
    let plan = &analysis.plan;
    let Some(target) = analysis.model.target() else {
        return html! {};
    };
    let Some(image) = plan.image(target) else {
        return html! {};
    };
    let size = image
        .total
        .likely
        .map_or_else(|| image.total.words(), words);
    let single = plan.single_stage.as_ref().and_then(|single| single.likely);
    let saving = plan.saved_percent(target).zip(single);
    let since = props.start.zip(image.total.likely);
    let since = since.and_then(|(start, now)| since_start(start, now));
    html! {
        <>
        <p class="sizes__headline">
            <strong>{ size }</strong>
            if let Some((percent, single)) = saving {
                <span>{ format!(" instead of {} in one stage: {percent} % less", words(single)) }</span>
            } else {
                <span>{ " for the image" }</span>
            }
        </p>
        if let Some(since) = since {
            <p class="sizes__since">{ since }</p>
        }
        </>
    }
}

/// What the edits since the lesson's start have saved or cost; `None` where that is nothing.
fn since_start(start: u64, now: u64) -> Option<String> {
    let change = start.abs_diff(now);
    let what = match now.cmp(&start) {
        std::cmp::Ordering::Less => "less",
        std::cmp::Ordering::Greater => "more",
        std::cmp::Ordering::Equal => return None,
    };
    let (change, start) = (words(change), words(start));
    Some(format!(
        "{change} {what} than the lesson's start with {start}"
    ))
}

/// A part of a bar.
struct Segment<'a> {
    /// Its class in the styles.
    class: &'static str,
    /// The instruction that made it.
    instruction: Cow<'a, str>,
    /// Where that stands.
    range: TextRange,
    /// How large it is.
    size: &'a Estimate,
}

/// What a stage holds: what it starts from, then its own layers.
fn segments<'a>(analysis: &'a Analysis, image: &'a Image) -> Vec<Segment<'a>> {
    let from = analysis
        .model
        .stage(image.stage)
        .and_then(|stage| analysis.file.instructions().get(stage.from));
    let base = from.map(|from| Segment {
        class: "sizes__base",
        instruction: "What it starts from".into(),
        range: from.range,
        size: &image.base,
    });
    let layers = analysis
        .plan
        .steps
        .iter()
        .filter(|step| step.stage == image.stage && step.layer)
        .map(|step| Segment {
            class: "sizes__layer",
            instruction: analysis.instruction(step),
            range: step.range,
            size: &step.size,
        });
    base.into_iter().chain(layers).collect()
}

/// An estimate in full, for whoever points at it.
fn title(what: &str, size: Span, reasons: &mut dyn Iterator<Item = &Basis>) -> String {
    let binary = size.likely.map(binary_words);
    let mut title = [Some(format!("{what}: {}", size.words())), binary]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ");
    for basis in reasons {
        title.push('\n');
        title.push_str(&basis.words());
    }
    title
}

fn bar(props: &SizesPanelProps, image: &Image, widest: u64) -> Html {
    let analysis = &props.analysis;
    let stage = analysis.model.stage(image.stage);
    let name = stage.map_or_else(String::new, Stage::display_name);
    let reachable = stage.is_some_and(|stage| stage.reachable);
    let target = analysis.model.target() == Some(image.stage);
    let mut x = 0;
    let rects: Vec<Html> = segments(analysis, image)
        .into_iter()
        .enumerate()
        .map(|(at, segment)| {
            let likely = segment.size.likely;
            let width = likely.map_or(UNKNOWN, |bytes| scaled(bytes, widest));
            let left = x;
            x += width;
            let lines = &analysis.lines;
            let here = lines.line(segment.range.start()) <= props.line
                && props.line <= lines.line(segment.range.end());
            let class = classes!(
                segment.class,
                here.then_some("is-here"),
                (at % 2 == 0).then_some("is-odd"),
                likely.is_none().then_some("is-unknown"),
            );
            let onclick = reveal(props, segment.range);
            html! {
                <rect key={at} {class} x={left.to_string()} width={width.to_string()} height="10" {onclick}>
                    <title>{ title(&segment.instruction, segment.size.span(), &mut segment.size.basis.iter()) }</title>
                </rect>
            }
        })
        .collect();
    let (size, range) = apart(image.total);
    let class = classes!(
        "sizes__stage",
        target.then_some("is-target"),
        (!reachable).then_some("is-skipped")
    );
    html! {
        <li key={image.stage.0} {class}>
            <span class="sizes__name">{ name }if target { <span class="sizes__mark">{ "the image" }</span> }
                if !reachable { <span class="sizes__mark">{ "not built" }</span> }</span>
            <span class="sizes__size" title={format!("{}\nto transfer: {}", title("All of it", image.total, &mut analysis.plan.reasons(image).into_iter()), image.compressed.words())}>{ size }</span>
            <svg class="sizes__bar" viewBox={format!("0 0 {WIDTH} 10")} preserveAspectRatio="none" aria-hidden="true">
                <rect class="sizes__track" width={WIDTH.to_string()} height="10" />
                { for rects }
            </svg>
            if let Some(range) = range { <span class="sizes__range">{ range }</span> }
        </li>
    }
}

/// The likely figure, or that it is unknown, and the range around it if there is one.
fn apart(size: Span) -> (String, Option<String>) {
    let range = match (size.likely, size.high) {
        (Some(likely), Some(high)) if high > likely || size.low < likely => {
            Some(format!("{} to {}", words(size.low), words(high)))
        }
        _ => None,
    };
    (size.likely.map_or_else(|| size.words(), words), range)
}

/// A share of the drawing's width.
fn scaled(bytes: u64, widest: u64) -> u64 {
    let wide = u128::from(bytes) * u128::from(WIDTH);
    let width = wide.checked_div(u128::from(widest)).unwrap_or(0);
    u64::try_from(width).unwrap_or(WIDTH).min(WIDTH)
}

fn reveal<E>(props: &SizesPanelProps, range: TextRange) -> Callback<E> {
    let onreveal = props.onreveal.clone();
    let offset = u32::from(range.start());
    Callback::from(move |_: E| onreveal.emit(offset))
}

/// What is in the image and cannot be seen, with both lines that made it so.
fn waste(props: &SizesPanelProps) -> Html {
    let plan = &props.analysis.plan;
    if plan.waste.is_empty() {
        return html! {};
    }
    let line = |step: usize| {
        plan.steps.get(step).map_or_else(Html::default, |step| {
            html! {
                <button class="sizes__line" onclick={reveal(props, step.range)}>{ format!("line {}", step.lines.0) }</button>
            }
        })
    };
    html! {
        <ul class="sizes__waste">{ for plan.waste.iter().take(8).map(|waste| html! {
            <li title={title(&waste.what, waste.size.span(), &mut waste.size.basis.iter())}>
                { match waste.size.likely {
                    Some(_) => format!("{} of {}, written in ", waste.size.words(), waste.what),
                    None => format!("{}, of unknown size, written in ", waste.what),
                } }
                { line(waste.wrote) }
                { ", is copied or hidden by " }
                { line(waste.hid) }
                { " and stays in the image" }
            </li>
        }) }</ul>
    }
}

/// A field for each base image whose size no table knows.
fn bases(props: &SizesPanelProps) -> Html {
    let model = &props.analysis.model;
    let plan = &props.analysis.plan;
    let mut names: Vec<(&str, Option<u64>)> = Vec::new();
    for image in &plan.images {
        let stage = model.stage(image.stage);
        let is_told = image
            .base
            .basis
            .iter()
            .any(|basis| matches!(basis, Basis::Told(_)));
        if let Some(Base::Image(name)) = stage.map(|stage| &stage.base)
            && (image.base.likely.is_none() || is_told)
            && names.iter().all(|(known, _)| **known != **name)
        {
            names.push((name, image.base.likely));
        }
    }
    let field = |(name, told): (&str, Option<u64>)| {
        let onchange = {
            let (onbase, name) = (props.onbase.clone(), name.to_owned());
            Callback::from(move |event: Event| {
                if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                    onbase.emit((name.clone(), bytes(&input.value())));
                }
            })
        };
        html! {
            <label key={name.to_owned()} class="sizes__typed">
                { "Size of " }<code>{ name.to_owned() }</code>
                <input type="number" min="0" step="any" inputmode="decimal" placeholder="unknown" value={told.map(megabytes)} {onchange} />
                { "MB" }
            </label>
        }
    };
    html! { <>{ for names.into_iter().take(8).map(field) }</> }
}

/// Megabytes as they are typed, in bytes; `None` for what is no size.
fn bytes(typed: &str) -> Option<u64> {
    let (whole, part) = typed.trim().split_once('.').unwrap_or((typed.trim(), ""));
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let whole: u64 = whole.parse().ok()?;
    whole
        .checked_mul(1_000_000)?
        .checked_add(part.parse().ok()?)
}

/// Bytes as somebody would have typed them: [`bytes`] reads them again.
fn megabytes(bytes: u64) -> String {
    let text = format!("{}.{:06}", bytes / 1_000_000, bytes % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Every step with its size and why that is believed.
fn table(props: &SizesPanelProps) -> Html {
    /// More rows help nobody.
    const MOST: usize = 200;
    let steps = props.analysis.plan.steps.iter();
    let weighed = steps.filter(|step| step.layer || step.command.is_none());
    html! {
        <details class="sizes__details">
            <summary>{ "Each step, and why" }</summary>
            <table class="sizes__table">
                <thead><tr><th>{ "Line" }</th><th>{ "Step" }</th><th>{ "Size" }</th></tr></thead>
                { for weighed.take(MOST).map(|step| {
                    let here = step.lines.0 <= props.line && props.line <= step.lines.1;
                    let instruction = props.analysis.instruction(step).into_owned();
                    let (size, range) = apart(step.size.span());
                    let reasons = step.size.basis.iter().map(Basis::words);
                    let transfer = step.compressed;
                    // Of what nobody knows there is nothing to say.
                    let transfer = (transfer.likely.is_some() || transfer.low > 0)
                        .then(|| html! { <li>{ format!("{} to transfer", transfer.words()) }</li> });
                    html! {
                        <tbody class={classes!(here.then_some("is-here"))}>
                            <tr>
                                <td rowspan="2"><button class="sizes__line" onclick={reveal(props, step.range)} aria-label={format!("{}, show line {}", step.lines.0, step.lines.0)}>{ step.lines.0 }</button></td>
                                <td><code class="sizes__step" title={instruction.clone()}>{ instruction }</code></td>
                                <td title={step.size.likely.map(binary_words)}>{ size }if let Some(range) = range { <small>{ range }</small> }</td>
                            </tr>
                            <tr>
                                <td colspan="2"><ul class="sizes__why">{ transfer }{ for reasons.map(|reason| html! { <li>{ reason }</li> }) }</ul></td>
                            </tr>
                        </tbody>
                    }
                }) }
            </table>
        </details>
    }
}

/// Properties of [`History`].
#[derive(Properties, PartialEq)]
struct HistoryProps {
    analysis: Rc<Analysis>,
}

/// The rows of `docker history`; worked out only where somebody looks.
#[component]
fn History(props: &HistoryProps) -> Html {
    /// More rows help nobody.
    const MOST: usize = 200;
    let is_open = use_state(|| false);
    let rows = if *is_open {
        props.analysis.short_history()
    } else {
        Vec::new()
    };
    let rows = rows.into_iter().take(MOST);
    let ontoggle = Callback::from(move |_: Event| is_open.set(!*is_open));
    html! {
        <details class="sizes__details" {ontoggle}>
            <summary><code>{ "docker history" }</code></summary>
            <table class="sizes__table">
                <thead><tr><th>{ "Image" }</th><th>{ "Created by" }</th><th>{ "Size" }</th></tr></thead>
                { for rows.map(|row| {
                    let (size, range) = match row.size.likely {
                        Some(0) => ("0B".to_owned(), None),
                        _ => apart(row.size.span()),
                    };
                    html! {
                        <tbody><tr><td>{ "<missing>" }</td><td><code class="sizes__step" title={row.created_by.clone()}>{ row.created_by }</code></td><td>{ size }if let Some(range) = range { <small>{ range }</small> }</td></tr></tbody>
                    }
                }) }
            </table>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, megabytes, scaled, since_start};

    #[test]
    fn megabytes_that_are_typed_are_bytes() {
        for (typed, expected) in [
            ("12", Some(12_000_000)),
            (" 1.5 ", Some(1_500_000)),
            ("0.0000019", Some(1)),
            ("", None),
            ("-1", None),
            ("1e3", None),
            ("99999999999999999", None),
        ] {
            assert_eq!(bytes(typed), expected, "{typed}");
        }
        for told in [0, 1, 1_500_000, 12_000_000, u64::MAX] {
            assert_eq!(bytes(&megabytes(told)), Some(told), "{told}");
        }
        assert_eq!(megabytes(1_500_000), "1.5");
    }

    #[test]
    fn an_edit_shows_what_it_saved() {
        let less = since_start(820_000_000, 20_000_000);
        assert_eq!(
            less.unwrap(),
            "800 MB less than the lesson's start with 820 MB"
        );
        assert!(since_start(1_000, 2_000).unwrap().contains("1.00 kB more"));
        assert_eq!(since_start(5, 5), None);
    }

    #[test]
    fn bars_stay_within_their_drawing() {
        assert_eq!(scaled(5, 10), 500);
        assert_eq!(scaled(0, 0), 0);
        assert_eq!(scaled(u64::MAX, 1), 1_000);
    }
}
