//! A base image is for another platform than the stage.

use stagecraft_diagnostics::Severity;
use stagecraft_image::Platform;
use stagecraft_semantic::Base;

use crate::facts::Facts;
use crate::rule::{Found, Mark, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "base-platform-differs",
    codes: &["InvalidBaseImagePlatform"],
    severity: Severity::Warning,
    by_default: true,
    why: "The image was made for another processor or system. What is built on it runs slowly under emulation, or not at all: `exec format error`. Where nothing is known of an image, nothing is said.",
    bad: "FROM example.org/only/arm64:1\n",
    good: "FROM --platform=linux/arm64 example.org/only/arm64:1\n",
    when: When::With(Mark::BaseConfigs),
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let mut stages = facts.model.stages().iter();
    if stages.all(|stage| stage.base_config.is_none()) {
        return;
    }
    let target = facts.model.global_value("TARGETPLATFORM");
    let target = target.and_then(|text| Platform::parse(text).ok());
    for (stage, instruction, image) in facts.bases() {
        let Base::Image(name) = &stage.base else {
            continue;
        };
        let config = stage.base_config.as_ref();
        let has = config.and_then(|config| config.platform.as_ref());
        let wanted = stage.platform.as_ref().or(target.as_ref());
        let Some((has, wanted)) = has.zip(wanted) else {
            continue;
        };
        if has.os != wanted.os || has.architecture != wanted.architecture {
            let message = format!("`{name}` is for {has}, and the stage for {wanted}");
            found.report(instruction, image.range, message);
        }
    }
}
