//! Files are taken from whatever version of an image is newest.

use stagecraft_diagnostics::Severity;
use stagecraft_image::Reference as ImageName;
use stagecraft_semantic::{DependencyKind, Source, Written};

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "copied-image-unpinned",
    codes: &[],
    severity: Severity::Warning,
    by_default: true,
    why: "Without a tag, or with `latest`, the same Dockerfile takes other files tomorrow. A tag of a version, or better a digest, says which ones are meant.",
    bad: "FROM php:8.3-cli\nCOPY --from=composer /usr/bin/composer /usr/bin/composer\n",
    good: "FROM php:8.3-cli\nCOPY --from=composer:2.7 /usr/bin/composer /usr/bin/composer\n",
    when: When::With(Mark::Dependencies),
    check,
};

/// Images of a single word that files are taken from.
const KNOWN: [&str; 16] = [
    "alpine", "busybox", "composer", "debian", "docker", "golang", "gradle", "maven", "nginx",
    "node", "openjdk", "php", "python", "ruby", "rust", "ubuntu",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for need in facts
        .model
        .stages()
        .iter()
        .flat_map(|stage| &stage.dependencies)
    {
        let Source::Image(name) = &need.source else {
            continue;
        };
        if need.kind == DependencyKind::From {
            continue;
        }
        let Ok(image) = ImageName::parse(name) else {
            continue;
        };
        // A single word may as well be a folder that the build is given by that name.
        let clear = name.contains('/') || KNOWN.contains(&image.path());
        let loose =
            clear && image.digest().is_none() && image.tag().is_none_or(|tag| tag == "latest");
        let command = need.command.and_then(|id| facts.model.command(id));
        let here = command.filter(|it| matches!(it.written, Written::Here(_)) && loose);
        let instruction = here.and_then(|it| facts.model.instruction(facts.file, it));
        if let Some((_, instruction)) = instruction {
            found.report(
                instruction,
                need.range,
                format!("`{name}` is whatever version is newest"),
            );
        }
    }
}
