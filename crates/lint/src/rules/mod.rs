//! The rules, one file each.

mod add_for_local_files;
mod apk_cache_kept;
mod apk_unpinned;
mod apt_for_people;
mod apt_lists_kept;
mod apt_recommends;
mod apt_unpinned;
mod apt_without_yes;
mod archive_copied;
mod cd_between_steps;
mod consecutive_runs;
mod constant_platform;
mod copy_from_itself;
mod copy_from_no_stage;
mod copy_ignored_file;
mod copy_many_to_file;
mod copy_to_relative;
mod dependencies_after_source;
mod description_does_not_fit;
mod dnf_cache_kept;
mod dnf_unpinned;
mod dnf_without_yes;
mod duplicate_stage_name;
mod empty_continuation;
mod env_of_same_instruction;
mod expose_casing;
mod expose_mapping;
mod from_as_casing;
mod gem_unpinned;
mod go_unpinned;
mod healthcheck_missing;
mod inline_pragma;
mod instruction_before_from;
mod interactive_program;
mod invalid_base_name;
mod label_key_invalid;
mod label_missing;
mod label_unexpected;
mod label_value;
mod last_user_root;
mod latest_tag;
mod legacy_key_value;
mod maintainer;
mod missing_tag;
mod mixed_instruction_casing;
mod npm_unpinned;
mod onbuild_forbidden;
mod pip_cache_kept;
mod pip_unpinned;
mod pipe_hides_failure;
mod port_out_of_range;
mod redundant_platform;
mod relative_workdir;
mod repeated_instruction;
mod reserved_stage_name;
mod secret_file_copied;
mod secret_in_variable;
mod shell_form_command;
mod shell_replaced;
mod stage_name_casing;
mod sudo;
mod undefined_arg_in_from;
mod undefined_variable;
mod unreadable_elsewhere;
mod untrusted_registry;
mod unused_stage;
mod user_by_name;
mod useradd_high_uid;
mod wget_and_curl;
mod wget_progress;
mod whole_stage_copied;
mod yarn_cache_kept;
mod yum_cache_kept;
mod yum_unpinned;
mod yum_without_yes;
mod zypper_cache_kept;
mod zypper_release_upgrade;
mod zypper_unpinned;
mod zypper_without_yes;

use crate::rule::Rule;

/// All rules, by name.
pub(crate) static RULES: &[Rule] = &[
    add_for_local_files::RULE,
    apk_cache_kept::RULE,
    apk_unpinned::RULE,
    apt_for_people::RULE,
    apt_lists_kept::RULE,
    apt_recommends::RULE,
    apt_unpinned::RULE,
    apt_without_yes::RULE,
    archive_copied::RULE,
    cd_between_steps::RULE,
    consecutive_runs::RULE,
    constant_platform::RULE,
    copy_from_itself::RULE,
    copy_from_no_stage::RULE,
    copy_ignored_file::RULE,
    copy_many_to_file::RULE,
    copy_to_relative::RULE,
    dependencies_after_source::RULE,
    description_does_not_fit::RULE,
    dnf_cache_kept::RULE,
    dnf_unpinned::RULE,
    dnf_without_yes::RULE,
    duplicate_stage_name::RULE,
    empty_continuation::RULE,
    env_of_same_instruction::RULE,
    expose_casing::RULE,
    expose_mapping::RULE,
    from_as_casing::RULE,
    gem_unpinned::RULE,
    go_unpinned::RULE,
    healthcheck_missing::RULE,
    inline_pragma::RULE,
    instruction_before_from::RULE,
    interactive_program::RULE,
    invalid_base_name::RULE,
    label_key_invalid::RULE,
    label_missing::RULE,
    label_unexpected::RULE,
    label_value::RULE,
    last_user_root::RULE,
    latest_tag::RULE,
    legacy_key_value::RULE,
    maintainer::RULE,
    missing_tag::RULE,
    mixed_instruction_casing::RULE,
    npm_unpinned::RULE,
    onbuild_forbidden::RULE,
    pip_cache_kept::RULE,
    pip_unpinned::RULE,
    pipe_hides_failure::RULE,
    port_out_of_range::RULE,
    redundant_platform::RULE,
    relative_workdir::RULE,
    repeated_instruction::RULE,
    reserved_stage_name::RULE,
    secret_file_copied::RULE,
    secret_in_variable::RULE,
    shell_form_command::RULE,
    shell_replaced::RULE,
    stage_name_casing::RULE,
    sudo::RULE,
    undefined_arg_in_from::RULE,
    undefined_variable::RULE,
    unreadable_elsewhere::RULE,
    untrusted_registry::RULE,
    unused_stage::RULE,
    user_by_name::RULE,
    useradd_high_uid::RULE,
    wget_and_curl::RULE,
    wget_progress::RULE,
    whole_stage_copied::RULE,
    yarn_cache_kept::RULE,
    yum_cache_kept::RULE,
    yum_unpinned::RULE,
    yum_without_yes::RULE,
    zypper_cache_kept::RULE,
    zypper_release_upgrade::RULE,
    zypper_unpinned::RULE,
    zypper_without_yes::RULE,
];
