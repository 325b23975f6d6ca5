//! The rules, one file each. Those that are not of our own choice, or find something only where a
//! configuration asks, are left out of the page: the feature `elsewhere`.

mod add_for_local_files;
mod added_archive_kept;
mod apk_cache_kept;
#[cfg(feature = "elsewhere")]
mod apk_unpinned;
mod apt_for_people;
mod apt_lists_kept;
mod apt_recommends;
#[cfg(feature = "elsewhere")]
mod apt_unpinned;
mod apt_without_yes;
mod archive_copied;
mod archive_kept;
#[cfg(feature = "elsewhere")]
mod backquotes;
mod base_platform_differs;
mod bashism;
#[cfg(feature = "elsewhere")]
mod cd_between_steps;
mod cd_unchecked;
mod certificates_missing;
mod changing_argument_early;
#[cfg(feature = "elsewhere")]
mod class_repeats;
mod cleaned_too_late;
mod compiler_in_image;
#[cfg(feature = "elsewhere")]
mod consecutive_runs;
mod constant_platform;
mod copied_image_unpinned;
mod copied_path_missing;
#[cfg(feature = "elsewhere")]
mod copy_from_itself;
#[cfg(feature = "elsewhere")]
mod copy_from_no_stage;
mod copy_ignored_file;
mod copy_many_to_file;
mod copy_to_relative;
#[cfg(feature = "elsewhere")]
mod declared_and_assigned;
mod dependencies_after_source;
#[cfg(feature = "elsewhere")]
mod description_does_not_fit;
#[cfg(feature = "elsewhere")]
mod destination_missing;
mod dnf_cache_kept;
#[cfg(feature = "elsewhere")]
mod dnf_unpinned;
mod dnf_without_yes;
mod download_unchecked;
mod duplicate_stage_name;
mod dynamic_binary;
#[cfg(feature = "elsewhere")]
mod echo_escapes;
mod empty_continuation;
mod env_of_same_instruction;
#[cfg(feature = "elsewhere")]
mod errors_stay;
#[cfg(feature = "elsewhere")]
mod expansion_in_single_quotes;
mod expose_casing;
mod expose_mapping;
#[cfg(feature = "elsewhere")]
mod find_to_xargs;
#[cfg(feature = "elsewhere")]
mod flag_as_command;
mod folder_made_twice;
mod from_as_casing;
mod frontend_in_env;
#[cfg(feature = "elsewhere")]
mod gem_unpinned;
mod git_history_kept;
#[cfg(feature = "elsewhere")]
mod glob_as_option;
mod global_argument_in_run;
#[cfg(feature = "elsewhere")]
mod go_unpinned;
#[cfg(feature = "elsewhere")]
mod healthcheck_missing;
mod heavy_base;
#[cfg(feature = "elsewhere")]
mod inline_pragma;
mod input_not_read;
#[cfg(feature = "elsewhere")]
mod instruction_before_from;
mod interactive_program;
mod invalid_base_name;
mod label_key_invalid;
#[cfg(feature = "elsewhere")]
mod label_missing;
#[cfg(feature = "elsewhere")]
mod label_unexpected;
#[cfg(feature = "elsewhere")]
mod label_value;
mod last_user_root;
mod latest_tag;
mod legacy_key_value;
#[cfg(feature = "elsewhere")]
mod letter_in_test;
mod lock_ignored;
#[cfg(feature = "elsewhere")]
mod loop_over_one;
mod maintainer;
mod missing_tag;
mod mixed_instruction_casing;
#[cfg(feature = "elsewhere")]
mod mode_of_one_folder;
mod mounted_file_written;
#[cfg(feature = "elsewhere")]
mod negated_under_errexit;
#[cfg(feature = "elsewhere")]
mod npm_unpinned;
#[cfg(feature = "elsewhere")]
mod onbuild_forbidden;
mod owner_changed_after_copy;
mod package_twice;
mod packages_after_source;
#[cfg(feature = "elsewhere")]
mod parsed_ls;
#[cfg(feature = "elsewhere")]
mod pattern_as_command;
#[cfg(feature = "elsewhere")]
mod pattern_of_find_open;
mod pip_cache_kept;
#[cfg(feature = "elsewhere")]
mod pip_unpinned;
mod pipe_hides_failure;
mod port_out_of_range;
#[cfg(feature = "elsewhere")]
mod punctuation_in_command;
mod redirections_compete;
mod redundant_platform;
mod relative_workdir;
mod removed_too_late;
mod repeated_instruction;
mod reserved_stage_name;
#[cfg(feature = "elsewhere")]
mod rm_of_system;
mod secret_file_copied;
mod secret_in_variable;
mod shell_form_command;
mod shell_missing;
mod shell_replaced;
mod shell_syntax;
mod stage_by_number;
mod stage_name_casing;
mod state_lost;
#[cfg(feature = "elsewhere")]
mod stray_backslash;
mod sudo;
#[cfg(feature = "elsewhere")]
mod sudo_redirection;
mod toolchain_in_image;
#[cfg(feature = "elsewhere")]
mod unassigned_variable;
mod undefined_arg_in_from;
mod undefined_variable;
#[cfg(feature = "elsewhere")]
mod unquoted_command;
#[cfg(feature = "elsewhere")]
mod unquoted_variable;
#[cfg(feature = "elsewhere")]
mod unreadable_elsewhere;
#[cfg(feature = "elsewhere")]
mod untrusted_registry;
mod unused_global_argument;
mod unused_ignore;
mod unused_stage;
#[cfg(feature = "elsewhere")]
mod unused_variable;
mod update_in_own_step;
#[cfg(feature = "elsewhere")]
mod useless_echo;
#[cfg(feature = "elsewhere")]
mod user_by_name;
mod useradd_high_uid;
#[cfg(feature = "elsewhere")]
mod value_apart;
#[cfg(feature = "elsewhere")]
mod variable_as_format;
mod version_redirected;
#[cfg(feature = "elsewhere")]
mod wget_and_curl;
#[cfg(feature = "elsewhere")]
mod wget_progress;
mod whole_stage_copied;
mod yarn_cache_kept;
mod yum_cache_kept;
#[cfg(feature = "elsewhere")]
mod yum_unpinned;
mod yum_without_yes;
mod zypper_cache_kept;
mod zypper_release_upgrade;
#[cfg(feature = "elsewhere")]
mod zypper_unpinned;
mod zypper_without_yes;

pub(crate) use unused_ignore::{RULE as UNUSED_IGNORE, report as report_unused};

use crate::rule::Rule;

/// All rules, by name.
pub(crate) static RULES: &[Rule] = &[
    add_for_local_files::RULE,
    added_archive_kept::RULE,
    apk_cache_kept::RULE,
    #[cfg(feature = "elsewhere")]
    apk_unpinned::RULE,
    apt_for_people::RULE,
    apt_lists_kept::RULE,
    apt_recommends::RULE,
    #[cfg(feature = "elsewhere")]
    apt_unpinned::RULE,
    apt_without_yes::RULE,
    archive_copied::RULE,
    archive_kept::RULE,
    base_platform_differs::RULE,
    #[cfg(feature = "elsewhere")]
    backquotes::RULE,
    bashism::RULE,
    #[cfg(feature = "elsewhere")]
    cd_between_steps::RULE,
    cd_unchecked::RULE,
    certificates_missing::RULE,
    changing_argument_early::RULE,
    #[cfg(feature = "elsewhere")]
    class_repeats::RULE,
    cleaned_too_late::RULE,
    compiler_in_image::RULE,
    #[cfg(feature = "elsewhere")]
    consecutive_runs::RULE,
    constant_platform::RULE,
    copied_image_unpinned::RULE,
    copied_path_missing::RULE,
    #[cfg(feature = "elsewhere")]
    copy_from_itself::RULE,
    #[cfg(feature = "elsewhere")]
    copy_from_no_stage::RULE,
    copy_ignored_file::RULE,
    copy_many_to_file::RULE,
    copy_to_relative::RULE,
    #[cfg(feature = "elsewhere")]
    declared_and_assigned::RULE,
    dependencies_after_source::RULE,
    #[cfg(feature = "elsewhere")]
    description_does_not_fit::RULE,
    dnf_cache_kept::RULE,
    #[cfg(feature = "elsewhere")]
    dnf_unpinned::RULE,
    dnf_without_yes::RULE,
    download_unchecked::RULE,
    duplicate_stage_name::RULE,
    dynamic_binary::RULE,
    #[cfg(feature = "elsewhere")]
    echo_escapes::RULE,
    empty_continuation::RULE,
    env_of_same_instruction::RULE,
    #[cfg(feature = "elsewhere")]
    errors_stay::RULE,
    #[cfg(feature = "elsewhere")]
    expansion_in_single_quotes::RULE,
    expose_casing::RULE,
    expose_mapping::RULE,
    #[cfg(feature = "elsewhere")]
    find_to_xargs::RULE,
    #[cfg(feature = "elsewhere")]
    flag_as_command::RULE,
    folder_made_twice::RULE,
    from_as_casing::RULE,
    frontend_in_env::RULE,
    #[cfg(feature = "elsewhere")]
    gem_unpinned::RULE,
    git_history_kept::RULE,
    #[cfg(feature = "elsewhere")]
    glob_as_option::RULE,
    global_argument_in_run::RULE,
    #[cfg(feature = "elsewhere")]
    go_unpinned::RULE,
    #[cfg(feature = "elsewhere")]
    healthcheck_missing::RULE,
    heavy_base::RULE,
    #[cfg(feature = "elsewhere")]
    inline_pragma::RULE,
    input_not_read::RULE,
    #[cfg(feature = "elsewhere")]
    instruction_before_from::RULE,
    interactive_program::RULE,
    invalid_base_name::RULE,
    label_key_invalid::RULE,
    #[cfg(feature = "elsewhere")]
    label_missing::RULE,
    #[cfg(feature = "elsewhere")]
    label_unexpected::RULE,
    #[cfg(feature = "elsewhere")]
    label_value::RULE,
    last_user_root::RULE,
    latest_tag::RULE,
    legacy_key_value::RULE,
    #[cfg(feature = "elsewhere")]
    letter_in_test::RULE,
    #[cfg(feature = "elsewhere")]
    destination_missing::RULE,
    lock_ignored::RULE,
    #[cfg(feature = "elsewhere")]
    loop_over_one::RULE,
    maintainer::RULE,
    missing_tag::RULE,
    mixed_instruction_casing::RULE,
    #[cfg(feature = "elsewhere")]
    mode_of_one_folder::RULE,
    mounted_file_written::RULE,
    #[cfg(feature = "elsewhere")]
    negated_under_errexit::RULE,
    #[cfg(feature = "elsewhere")]
    npm_unpinned::RULE,
    #[cfg(feature = "elsewhere")]
    onbuild_forbidden::RULE,
    owner_changed_after_copy::RULE,
    package_twice::RULE,
    packages_after_source::RULE,
    #[cfg(feature = "elsewhere")]
    parsed_ls::RULE,
    #[cfg(feature = "elsewhere")]
    pattern_as_command::RULE,
    #[cfg(feature = "elsewhere")]
    pattern_of_find_open::RULE,
    pip_cache_kept::RULE,
    #[cfg(feature = "elsewhere")]
    pip_unpinned::RULE,
    pipe_hides_failure::RULE,
    port_out_of_range::RULE,
    #[cfg(feature = "elsewhere")]
    punctuation_in_command::RULE,
    redirections_compete::RULE,
    redundant_platform::RULE,
    relative_workdir::RULE,
    removed_too_late::RULE,
    repeated_instruction::RULE,
    reserved_stage_name::RULE,
    #[cfg(feature = "elsewhere")]
    rm_of_system::RULE,
    secret_file_copied::RULE,
    secret_in_variable::RULE,
    shell_form_command::RULE,
    shell_missing::RULE,
    shell_replaced::RULE,
    shell_syntax::RULE,
    stage_by_number::RULE,
    stage_name_casing::RULE,
    state_lost::RULE,
    #[cfg(feature = "elsewhere")]
    stray_backslash::RULE,
    sudo::RULE,
    #[cfg(feature = "elsewhere")]
    sudo_redirection::RULE,
    toolchain_in_image::RULE,
    #[cfg(feature = "elsewhere")]
    unassigned_variable::RULE,
    undefined_arg_in_from::RULE,
    undefined_variable::RULE,
    #[cfg(feature = "elsewhere")]
    unquoted_command::RULE,
    #[cfg(feature = "elsewhere")]
    unquoted_variable::RULE,
    #[cfg(feature = "elsewhere")]
    unreadable_elsewhere::RULE,
    #[cfg(feature = "elsewhere")]
    untrusted_registry::RULE,
    unused_global_argument::RULE,
    unused_ignore::RULE,
    unused_stage::RULE,
    #[cfg(feature = "elsewhere")]
    unused_variable::RULE,
    update_in_own_step::RULE,
    #[cfg(feature = "elsewhere")]
    useless_echo::RULE,
    #[cfg(feature = "elsewhere")]
    user_by_name::RULE,
    useradd_high_uid::RULE,
    #[cfg(feature = "elsewhere")]
    value_apart::RULE,
    #[cfg(feature = "elsewhere")]
    variable_as_format::RULE,
    version_redirected::RULE,
    #[cfg(feature = "elsewhere")]
    wget_and_curl::RULE,
    #[cfg(feature = "elsewhere")]
    wget_progress::RULE,
    whole_stage_copied::RULE,
    yarn_cache_kept::RULE,
    yum_cache_kept::RULE,
    #[cfg(feature = "elsewhere")]
    yum_unpinned::RULE,
    yum_without_yes::RULE,
    zypper_cache_kept::RULE,
    zypper_release_upgrade::RULE,
    #[cfg(feature = "elsewhere")]
    zypper_unpinned::RULE,
    zypper_without_yes::RULE,
];
