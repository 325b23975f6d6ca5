//! An image comes from a registry that is not trusted.

use std::collections::BTreeSet;

use stagecraft_diagnostics::Severity;
use stagecraft_image::Reference;
use stagecraft_syntax::Kind;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "untrusted-registry",
    codes: &["DL3026"],
    severity: Severity::Error,
    by_default: true,
    why: "Whoever may write to a registry decides what is in the image. Say with `--trusted-registry` which ones you take images from.",
    bad: "FROM example.com/app:1\n",
    good: "FROM alpine:3.20\n",
    when: When::With(Mark::Registries),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let trusted = &facts.config.trusted_registries;
    if trusted.is_empty() {
        return;
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for item in &facts.items {
        let image = match &item.instruction.kind {
            Kind::From(from) => {
                let image = from.image;
                let stage = image.is_some_and(|image| names.contains(facts.file.word(image)));
                names.extend(from.name.map(|name| facts.file.word(name)));
                image.filter(|_| !stage)
            }
            Kind::Transfer(transfer) => transfer.from,
            Kind::Run(_) => facts
                .file
                .mounts(item.instruction)
                .iter()
                .find_map(|mount| facts.file.mount_option(mount, "from")?.value),
            _ => None,
        };
        let Some(word) = image else {
            continue;
        };
        let text = facts.file.word(word);
        if names.contains(text) || text == "scratch" || text.parse::<u32>().is_ok() {
            continue;
        }
        let Ok(image) = Reference::parse(text) else {
            continue;
        };
        let registry = image.registry();
        if !trusted.iter().any(|known| matches(known, registry)) {
            found.report(
                item.instruction,
                word.range,
                format!("images of {registry} are not trusted"),
            );
        }
    }
}

/// Whether a registry is meant: by its name, or with `*` for a part of it.
fn matches(known: &str, registry: &str) -> bool {
    let hub = ["docker.io", "hub.docker.com"];
    if known == "*" || known == registry || hub.contains(&known) && hub.contains(&registry) {
        return true;
    }
    match known.split_once('*') {
        Some((start, end)) => {
            registry.len() >= start.len() + end.len()
                && registry.starts_with(start)
                && registry.ends_with(end)
        }
        None => false,
    }
}
