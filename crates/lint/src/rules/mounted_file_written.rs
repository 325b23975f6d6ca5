//! RUN writes a file that the builder mounts, or COPY one that Docker mounts.

use stagecraft_diagnostics::Severity;
use stagecraft_semantic::Role;
use stagecraft_semantic::paths::is_mounted;
use stagecraft_syntax::{Keyword, Kind};
use stagecraft_text::TextRange;

use crate::calls::Argument;
use crate::facts::{Facts, RunFacts};
use crate::programs::Programs;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "mounted-file-written",
    codes: &[],
    severity: Severity::Error,
    by_default: true,
    why: "While RUN runs, BuildKit mounts its own `/etc/hosts` and `/etc/resolv.conf`, which cannot be written: the step fails. The builder before it throws away what is written there, and a container gets files of its own again. Say names where containers are started or images built, with `--add-host`.",
    bad: "FROM debian:12\nRUN echo '10.0.0.7 db' >> /etc/hosts\n",
    good: "FROM debian:12\n# docker run --add-host db:10.0.0.7 …\nCMD [\"getent\", \"hosts\", \"db\"]\n",
    when: When::has(&[Keyword::Run, Keyword::Copy, Keyword::Add]),
    check,
};

/// What writes to the files that it names, or to the last of them.
const WRITES: Programs = programs!["cp", "mv", "sed", "tee"];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for item in &facts.items {
        let (Kind::Transfer(_), Some(command)) = (&item.instruction.kind, item.command()) else {
            continue;
        };
        let mut words = facts.model.words(command).iter().rev();
        let to = words.find(|word| word.role == Role::Argument);
        let to = to.map(|to| (to, facts.model.text(facts.file, command, to)));
        if let Some((to, text)) = to.filter(|(_, text)| is_mounted(text)) {
            let message =
                format!("containers have a `{text}` of their own: this one is never seen");
            found.report(item.instruction, to.word.range, message);
        }
    }
    for checked in facts.checked().filter(|it| it.ours.is_some()) {
        for redirection in checked.script.redirections() {
            // Other files have other names, in quotes or not.
            let target = redirection.target();
            let target = target.filter(|word| matches!(word.text().len(), 10..=18));
            let target = target.filter(|_| redirection.op().writes());
            let target = target.and_then(|word| Some((word, word.as_static()?)));
            if let Some((word, file)) = target.filter(|(_, file)| is_mounted(file)) {
                say(checked.run, &file, checked.source(word.range()), found);
            }
        }
    }
    for (run, call) in facts.calls(WRITES) {
        let is_edited = || call.name != "sed" || call.flag("i", &["in-place"]);
        let mut operands = call
            .operands()
            .filter(|word| is_mounted(&word.text))
            .peekable();
        if operands.peek().is_none() || !is_edited() {
            continue;
        }
        // What is copied from there is read.
        let only_last = matches!(&*call.name, "cp" | "mv");
        let last = call.operands().last().map(Argument::range);
        for word in operands.filter(|word| !only_last || last == Some(word.range())) {
            say(run, &word.text, word.range(), found);
        }
    }
}

/// What runs when a container does can write them.
fn say(run: &RunFacts<'_>, file: &str, range: TextRange, found: &mut Found<'_>) {
    if run.instruction.keyword == Keyword::Run {
        let message = format!("`{file}` cannot be written while RUN runs");
        found.report(run.instruction, range, message);
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_text::slice;

    use crate::testing::findings;
    use crate::{NoBases, Profile};

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let source = format!("FROM debian:12\n{line}\n");
        let found = findings(&source, Profile::Default, &NoBases);
        let found = found.iter().filter(|it| it.rule == super::RULE.name);
        let found: Vec<_> = found.map(|it| slice(&source, it.range)).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn what_is_written_there_is_found() {
        check("RUN echo a >> /etc/hosts", &["/etc/hosts"]);
        check("RUN echo a | tee -a \"/etc/hosts\"", &["\"/etc/hosts\""]);
        check("RUN sed -i s/a/b/ /etc/hosts", &["/etc/hosts"]);
        check(
            "RUN cp a /etc/resolv.conf && mv b /etc/hosts",
            &["/etc/resolv.conf", "/etc/hosts"],
        );
        check("COPY a /etc/hosts", &["/etc/hosts"]);
        check("ONBUILD RUN echo a > /etc/hosts", &["/etc/hosts"]);
    }

    #[test]
    fn what_is_read_or_is_another_file_is_not() {
        check(
            "RUN cat /etc/hosts > /x; sed s/a/b/ /etc/hosts; cp /etc/hosts /x",
            &[],
        );
        check("RUN echo a > /etc/hosts.allow", &[]);
        check("CMD echo a >> /etc/hosts && exec app", &[]);
        check("COPY hosts /etc/hosts.d/", &[]);
    }
}
