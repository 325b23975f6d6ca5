//! `stagecraft size`: how large steps, stages and the image get.

use std::fmt::Write as _;

use serde::Serialize;
use stagecraft_engine::Analysis;
use stagecraft_engine::plan::{Estimate, docker_words, words};
use stagecraft_engine::report::{HistoryOut, ImageOut, history, sizes};

/// What is printed for one file.
#[derive(Debug, Serialize)]
pub struct Output<'a> {
    /// The file's path as given; `-` for standard input.
    pub path: &'a str,
    /// The sizes.
    #[serde(flatten)]
    pub sizes: ImageOut<'a>,
    /// The rows of `docker history`, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<HistoryOut>>,
}

/// What is printed as `docker history` would, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Instructions are cut where Docker cuts them.
    Cut,
    /// Instructions are whole.
    Whole,
}

/// The line of JSON for one file.
///
/// # Errors
/// Never in practice: there is nothing that JSON cannot hold.
pub fn json_line(
    path: &str,
    analysis: &Analysis,
    with_history: bool,
) -> serde_json::Result<String> {
    serde_json::to_string(&Output {
        path,
        sizes: sizes(analysis),
        history: with_history.then(|| history(analysis)),
    })
}

/// For people: each stage, its steps with why each size is believed, and the sum.
pub fn text(analysis: &Analysis) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    for image in &analysis.plan.images {
        let stage = analysis.model.stage(image.stage);
        let name = stage.map_or_else(
            String::new,
            stagecraft_engine::semantic::Stage::display_name,
        );
        let _ = writeln!(
            out,
            "{name}: {}, to transfer {}",
            image.total.words(),
            image.compressed.words()
        );
        let steps = analysis
            .plan
            .steps
            .iter()
            .filter(|step| step.stage == image.stage);
        for step in steps.filter(|step| step.layer || step.command.is_none()) {
            let basis: Vec<String> = step
                .size
                .basis
                .iter()
                .map(stagecraft_engine::plan::Basis::words)
                .collect();
            let _ = writeln!(
                out,
                "  {:>3}  {}, to transfer {}  {}  ({})",
                step.lines.0,
                step.size.words(),
                step.compressed.words(),
                analysis.instruction(step),
                basis.join("; ")
            );
        }
    }
    let together = analysis.plan.together();
    if let Some(shared) = together.shared() {
        let _ = writeln!(
            out,
            "all images together: {}; {} that several of them have count once",
            together.together.words(),
            words(shared)
        );
    }
    if let Some(single) = &analysis.plan.single_stage {
        let _ = writeln!(out, "the same in one stage: {}", single.words());
    }
    let line = |step: usize| analysis.plan.steps.get(step).map_or(0, |step| step.lines.0);
    for waste in &analysis.plan.waste {
        let what = match waste.size.likely {
            Some(_) => format!("{} of {}", waste.size.words(), waste.what),
            None => format!("{}, of unknown size", waste.what),
        };
        let _ = writeln!(
            out,
            "hidden: {what}, which line {} writes and line {} hides",
            line(waste.wrote),
            line(waste.hid)
        );
    }
    out
}

/// So many characters Docker shows of an instruction.
const SHOWN: usize = 45;

/// The image as `docker history` prints it, without the times. A size that is not known exactly has
/// a `~`; where only a least is known, that with a `+`; where nothing is known, a `?`.
pub fn history_text(analysis: &Analysis, how: History) -> String {
    let rows: Vec<(String, String, &'static str)> = analysis
        .history()
        .into_iter()
        .map(|row| (cut(&row.created_by, how), cell(&row.size), row.comment))
        .collect();
    let width = |column: &dyn Fn(&(String, String, &'static str)) -> usize, head: &str| {
        let widest = rows.iter().map(column).max();
        widest.unwrap_or(0).max(head.len()) + 3
    };
    let by = width(&|row| row.0.chars().count(), "CREATED BY");
    let size = width(&|row| row.1.len(), "SIZE");
    let mut out = String::new();
    // Writing to a string does not fail.
    let mut line = |image: &str, created_by: &str, bytes: &str, comment: &str| {
        let text = format!("{image:<12}{created_by:<by$}{bytes:<size$}{comment}");
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line("IMAGE", "CREATED BY", "SIZE", "COMMENT");
    for (created_by, bytes, comment) in &rows {
        line("<missing>", created_by, bytes, comment);
    }
    out
}

fn cut(created_by: &str, how: History) -> String {
    // A row is a line.
    let line = created_by.replace(['\n', '\t'], " ");
    if how == History::Whole || line.chars().count() <= SHOWN {
        return line;
    }
    let mut short: String = line.chars().take(SHOWN - 1).collect();
    short.push('…');
    short
}

fn cell(size: &Estimate) -> String {
    match size.likely {
        Some(likely) if size.low == likely && size.high == Some(likely) => docker_words(likely),
        Some(likely) => format!("~{}", docker_words(likely)),
        None if size.low > 0 => format!("{}+", docker_words(size.low)),
        None => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_engine::{Workspace, analyze};

    use super::*;

    fn analysis(source: &str) -> Analysis {
        analyze(&Workspace {
            dockerfile: source.into(),
            ..Workspace::default()
        })
    }

    #[test]
    fn the_history_has_the_newest_row_first_and_empty_ones_for_metadata() {
        let source = "FROM alpine:3.20 AS base\nENV A=1\nFROM base\nWORKDIR /app\n\
                      RUN printf 0123456789 > f && true a command that is much too long for its column\nCMD [\"x\"]\n";
        let expected = "\
IMAGE       CREATED BY                                      SIZE    COMMENT
<missing>   CMD [\"x\"]                                       0B      buildkit.dockerfile.v0
<missing>   RUN /bin/sh -c printf 0123456789 > f && true…   10B     buildkit.dockerfile.v0
<missing>   WORKDIR /app                                    0B      buildkit.dockerfile.v0
<missing>   ENV A=1                                         0B      buildkit.dockerfile.v0
<missing>   FROM docker.io/library/alpine:3.20              7.8MB
";
        assert_eq!(history_text(&analysis(source), History::Cut), expected);
        let whole = history_text(&analysis(source), History::Whole);
        assert!(
            whole.contains("too long for its column # buildkit"),
            "{whole}"
        );
    }

    #[test]
    fn an_image_of_nothing_has_no_row_for_what_it_starts_from() {
        let text = history_text(
            &analysis("FROM scratch\nCOPY a /\nLABEL b=c\n"),
            History::Cut,
        );
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("COPY a / # buildkit   ?"), "{text}");
    }

    #[test]
    fn who_wrote_and_who_hid_bytes_is_told_by_their_lines() {
        let text = text(&analysis(
            "FROM alpine:3.20\nRUN printf 1234 > /f\n\nCOPY a /g/\nRUN rm /f && rm -r /g\n",
        ));
        for line in [
            "hidden: 4 B of /f, which line 2 writes and line 5 hides\n",
            "hidden: /g, of unknown size, which line 4 writes and line 5 hides\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn what_several_images_have_counts_once() {
        let text = text(&analysis(
            "FROM alpine:3.20 AS a\nRUN printf 12 > f\nFROM a\nRUN printf 3 > g\n",
        ));
        assert!(
            text.contains(
                "all images together: 7.80 MB; 7.80 MB that several of them have count once"
            ),
            "{text}"
        );
        let one = super::text(&analysis("FROM alpine:3.20\nRUN printf 12 > f\n"));
        assert!(!one.contains("together"), "{one}");
    }
}
