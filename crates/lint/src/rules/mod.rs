//! The rules, one file each.

mod add_for_local_files;
mod apk_cache_kept;
mod apt_for_people;
mod apt_lists_kept;
mod apt_recommends;
mod apt_without_yes;
mod constant_platform;
mod dependencies_after_source;
mod duplicate_stage_name;
mod empty_continuation;
mod expose_casing;
mod expose_mapping;
mod from_as_casing;
mod last_user_root;
mod latest_tag;
mod legacy_key_value;
mod maintainer;
mod missing_tag;
mod mixed_instruction_casing;
mod pip_cache_kept;
mod redundant_platform;
mod relative_workdir;
mod repeated_instruction;
mod reserved_stage_name;
mod secret_file_copied;
mod secret_in_variable;
mod shell_form_command;
mod stage_name_casing;
mod sudo;
mod undefined_arg_in_from;
mod undefined_variable;
mod unused_stage;

use crate::rule::Rule;

/// All rules, by name.
pub(crate) static RULES: &[Rule] = &[
    add_for_local_files::RULE,
    apk_cache_kept::RULE,
    apt_for_people::RULE,
    apt_lists_kept::RULE,
    apt_recommends::RULE,
    apt_without_yes::RULE,
    constant_platform::RULE,
    dependencies_after_source::RULE,
    duplicate_stage_name::RULE,
    empty_continuation::RULE,
    expose_casing::RULE,
    expose_mapping::RULE,
    from_as_casing::RULE,
    last_user_root::RULE,
    latest_tag::RULE,
    legacy_key_value::RULE,
    maintainer::RULE,
    missing_tag::RULE,
    mixed_instruction_casing::RULE,
    pip_cache_kept::RULE,
    redundant_platform::RULE,
    relative_workdir::RULE,
    repeated_instruction::RULE,
    reserved_stage_name::RULE,
    secret_file_copied::RULE,
    secret_in_variable::RULE,
    shell_form_command::RULE,
    stage_name_casing::RULE,
    sudo::RULE,
    undefined_arg_in_from::RULE,
    undefined_variable::RULE,
    unused_stage::RULE,
];
