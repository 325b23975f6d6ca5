//! What a rule marks, for its tests.

use stagecraft_diagnostics::Diagnostic;
use stagecraft_semantic::{NoImages, Options, analyze};
use stagecraft_syntax::parse;

use crate::{Bases, Config, NoBases, Profile, Subject, lint};

/// What is said of a Dockerfile where nothing is configured.
pub(crate) fn findings(source: &str, profile: Profile, bases: &dyn Bases) -> Vec<Diagnostic> {
    let file = parse(source);
    let model = analyze(&file, &Options::default(), &NoImages);
    let subject = Subject {
        file: &file,
        model: &model,
        dockerignore: None,
        config: &Config::default(),
        bases,
    };
    lint(subject, profile)
}

/// The places that get a code in a command that `sh` reads.
pub(crate) fn marked(code: &str, command: &str) -> Vec<String> {
    marked_in("", code, command)
}

/// The same behind other instructions.
pub(crate) fn marked_in(before: &str, code: &str, command: &str) -> Vec<String> {
    let source = format!("FROM debian:12\n{before}RUN {command}\n");
    let findings = findings(&source, Profile::All, &NoBases);
    let with_code = findings
        .iter()
        .filter(|finding| finding.codes.iter().any(|it| it.code == code));
    with_code
        .map(|finding| stagecraft_text::slice(&source, finding.range).to_owned())
        .collect()
}
