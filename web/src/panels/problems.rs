//! The findings, each with its reason, its place and its repairs.

use std::rc::Rc;

use stagecraft_engine::Analysis;
use stagecraft_engine::diagnostics::{Applicability, Diagnostic, Fix, Severity};
use stagecraft_engine::fixes::together;
use stagecraft_engine::lint::silence;
use stagecraft_engine::text::Edit;
use yew::prelude::*;

use crate::components::{Icon, SeverityBadge, Sign};
use crate::route::rule_href;

/// Properties of [`ProblemsPanel`].
#[derive(Properties)]
pub(crate) struct ProblemsPanelProps {
    /// What is said of the text.
    pub analysis: Rc<Analysis>,
    /// The cursor's line, from 1.
    pub line: u32,
    /// Goes to a place, in bytes.
    pub onreveal: Callback<u32>,
    /// Applies the changes of a fix.
    pub onfix: Callback<Vec<Edit>>,
}

impl PartialEq for ProblemsPanelProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.analysis, &other.analysis) && self.line == other.line
    }
}

/// More findings than this are counted, not listed.
const MOST_LISTED: usize = 200;

/// The list of findings.
#[component]
pub(crate) fn ProblemsPanel(props: &ProblemsPanelProps) -> Html {
    let findings = &props.analysis.findings;
    let summary = summary(findings);
    let safe = together(findings, false);
    let mend = {
        let (onfix, edits) = (props.onfix.clone(), safe.edits);
        Callback::from(move |_: MouseEvent| onfix.emit(edits.clone()))
    };
    html! {
        <section class="panel problems" id="problems" tabindex="-1" aria-labelledby="problems-title">
            <header class="panel__head">
                <h2 id="problems-title">{ "Problems" }</h2>
                <p class="panel__note" aria-live="polite">{ summary }</p>
            </header>
            if findings.is_empty() {
                <p class="panel__empty"><Icon sign={Sign::Tick} />{ "Nothing to find fault with." }</p>
            } else {
                if safe.count > 1 {
                    <button class="button problems__mend" onclick={mend}>
                        <Icon sign={Sign::Spark} />{ format!("Apply all {} safe fixes", safe.count) }
                    </button>
                }
                <ol class="problems__list">
                    { for findings.iter().take(MOST_LISTED).enumerate().map(|(at, finding)| row(props, at, finding)) }
                </ol>
                if findings.len() > MOST_LISTED {
                    <p class="panel__empty">{ format!("and {} more", findings.len() - MOST_LISTED) }</p>
                }
            }
        </section>
    }
}

fn row(props: &ProblemsPanelProps, at: usize, finding: &Diagnostic) -> Html {
    let lines = &props.analysis.lines;
    let line = lines.line(finding.range.start());
    let last = lines.line(finding.range.end());
    let here = (line..=last).contains(&props.line);
    let reveal = {
        let onreveal = props.onreveal.clone();
        let offset = u32::from(finding.range.start());
        Callback::from(move |_: MouseEvent| onreveal.emit(offset))
    };
    let codes: Vec<&str> = finding.codes.iter().map(|code| code.code).collect();
    html! {
        <li key={format!("{at}-{}", finding.rule)} class={classes!("problem", here.then_some("is-here"))}>
            <button class="problem__main" onclick={reveal} aria-current={here.then_some("true")}>
                <SeverityBadge severity={finding.severity} />
                <span class="problem__text">{ marked(&finding.message) }</span>
                <span class="problem__line">{ line }</span>
            </button>
            <div class="problem__more">
                if let Some(why) = finding.why.as_ref().filter(|_| !is_said_above(&props.analysis.findings, at)) {
                    <p class="problem__why">{ marked(why) }</p>
                }
                if let Some(help) = &finding.help {
                    <p class="problem__why">{ marked(help) }</p>
                }
                { for finding.fixes.iter().filter(|fix| fix.applicability != Applicability::DisplayOnly).map(|fix| html! {
                    <button class="problem__fix" onclick={apply(props, fix)}>
                        <Icon sign={Sign::Spark} />{ marked(&fix.title) }
                    </button>
                }) }
                <div class="problem__codes">{ name(finding.rule) }
                    { for codes.iter().map(|code| html! { <span>{ *code }</span> }) }
                    if let Some(fix) = silence(&props.analysis.file, finding) {
                        <button class="problem__silence" title={fix.title.clone()} aria-label={fix.title.clone()} onclick={apply(props, &fix)}>{ "silence" }</button>
                    }
                </div>
            </div>
        </li>
    }
}

/// Whether a finding above the one at that place has said its reason already: the same fault in
/// several lines needs it once.
fn is_said_above(findings: &[Diagnostic], at: usize) -> bool {
    let (above, own) = findings.split_at_checked(at).unwrap_or_default();
    own.first().is_some_and(|own| {
        let mut above = above.iter();
        above.any(|other| other.rule == own.rule && other.why == own.why)
    })
}

/// Applies a fix.
fn apply(props: &ProblemsPanelProps, fix: &Fix) -> Callback<MouseEvent> {
    let edits = fix.edits.clone();
    props.onfix.reform(move |_| edits.to_vec())
}

/// The name of a rule, with the way to its page; a syntax error has none.
fn name(rule: &'static str) -> Html {
    if stagecraft_engine::lint::rule(rule).is_some() {
        html! { <a href={rule_href(rule)}>{ rule }</a> }
    } else {
        html! { { rule } }
    }
}

/// Text in which what stands in backquotes is code.
pub(super) fn marked(text: &str) -> Html {
    let parts = text.split('`').enumerate();
    html! {
        <>{ for parts.map(|(at, part)| if at % 2 == 1 {
            html! { <code>{ part }</code> }
        } else {
            html! { { part } }
        }) }</>
    }
}

/// "2 errors, 1 warning; 1 can be mended".
fn summary(findings: &[Diagnostic]) -> String {
    let mut parts = Vec::new();
    for (severity, one, many) in [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Info, "note", "notes"),
        (Severity::Hint, "hint", "hints"),
    ] {
        let count = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        if count > 0 {
            parts.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    }
    let mendable = findings
        .iter()
        .filter(|finding| !finding.fixes.is_empty())
        .count();
    let counts = parts.join(", ");
    if mendable == 0 {
        return counts;
    }
    format!("{counts}; {mendable} with a fix")
}

#[cfg(test)]
mod tests {
    use stagecraft_engine::text::TextRange;

    use super::*;

    #[test]
    fn a_reason_is_said_once() {
        let finding = |rule, why: &'static str| {
            let finding = Diagnostic::new(rule, Severity::Hint, TextRange::default(), "y");
            Diagnostic {
                why: Some(why.into()),
                ..finding
            }
        };
        let findings = [
            finding("a", "b"),
            finding("c", "b"),
            finding("a", "b"),
            finding("a", "d"),
        ];
        let said = (0..5).map(|at| is_said_above(&findings, at));
        assert_eq!(said.collect::<Vec<_>>(), [false, false, true, false, false]);
    }

    #[test]
    fn the_summary_counts_by_severity() {
        let finding = |severity| Diagnostic::new("x", severity, TextRange::default(), "y");
        assert_eq!(summary(&[]), "");
        assert_eq!(
            summary(&[
                finding(Severity::Warning),
                finding(Severity::Error),
                finding(Severity::Error),
            ]),
            "2 errors, 1 warning"
        );
    }
}
