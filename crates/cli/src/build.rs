//! The options of `docker build`, as `plan` and `size` take them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use stagecraft_engine::Workspace;
use stagecraft_engine::image::Platform;
use stagecraft_engine::plan::{BuilderKind, Context, ContextFile};
use stagecraft_engine::semantic::ignore::Patterns;
use stagecraft_engine::semantic::{NamedContext, Options};

use crate::context;
use crate::input::decode;

/// The options of a build, as `docker build` has them.
#[derive(Debug, Args)]
pub struct Build {
    /// The stage to build; the last one where it is not given.
    #[arg(long)]
    pub target: Option<String>,
    /// `NAME=VALUE`; without a value it is taken from the environment.
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    pub arguments: Vec<String>,
    /// The build context: a folder.
    #[arg(long, value_name = "FOLDER")]
    pub context: Option<PathBuf>,
    /// What the image is for, as `linux/arm64`.
    #[arg(long, value_parser = Platform::parse)]
    pub platform: Option<Platform>,
    /// Who builds: BuildKit, or the builder before it (`DOCKER_BUILDKIT=0`), which goes through all
    /// stages up to the target and knows less.
    #[arg(long, value_enum, default_value_t = BuilderName::Buildkit)]
    pub builder: BuilderName,
    /// What stands for a stage or an image of that name: a folder, or `docker-image://IMAGE`.
    #[arg(long = "build-context", value_name = "NAME=SOURCE")]
    pub named_contexts: Vec<String>,
    /// A secret that is given, as `id=NAME`, with `src=FILE` or `env=VARIABLE` behind a comma.
    #[arg(long = "secret", value_name = "id=NAME[,src=FILE]")]
    pub secrets: Vec<String>,
}

/// Who builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BuilderName {
    /// BuildKit.
    Buildkit,
    /// The one before it.
    Legacy,
}

impl From<BuilderName> for BuilderKind {
    fn from(name: BuilderName) -> Self {
        match name {
            BuilderName::Buildkit => Self::Buildkit,
            BuilderName::Legacy => Self::Legacy,
        }
    }
}

impl Build {
    /// What is known before a Dockerfile is read.
    ///
    /// # Errors
    /// Where an option is wrong, or a folder or file cannot be read; in a sentence.
    pub fn workspace(&self) -> Result<Workspace, String> {
        let argument = |given: &String| match given.split_once('=') {
            Some((name, value)) => Some((name.to_owned(), value.to_owned())),
            None => Some((given.clone(), std::env::var(given).ok()?)),
        };
        let named = named_contexts(&self.named_contexts)?;
        if self.builder == BuilderName::Legacy {
            // Source: the command of Docker says that these are for BuildKit.
            for (option, is_given) in [
                ("--build-context", !self.named_contexts.is_empty()),
                ("--secret", !self.secrets.is_empty()),
            ] {
                if is_given {
                    return Err(format!("the builder before BuildKit knows no {option}"));
                }
            }
        }
        let options = Options {
            target: self.target.clone(),
            build_args: self
                .arguments
                .iter()
                .filter_map(argument)
                .collect::<BTreeMap<_, _>>(),
            platform: self.platform.clone().unwrap_or_else(Platform::linux_amd64),
            contexts: named.contexts,
            ..Options::default()
        };
        let secrets = self.secrets.iter().map(|given| secret(given));
        Ok(Workspace {
            context: self.context.as_deref().map(context_of).transpose()?,
            options,
            builder: self.builder.into(),
            folders: named.folders,
            secrets: Some(secrets.collect::<Result<_, _>>()?),
            ..Workspace::default()
        })
    }
}

/// What `--build-context` gives.
#[derive(Debug, Default)]
struct Named {
    contexts: BTreeMap<String, NamedContext>,
    /// The files of folders, without what their `.dockerignore` leaves out.
    folders: BTreeMap<String, Arc<Context>>,
}

fn named_contexts(given: &[String]) -> Result<Named, String> {
    let mut named = Named::default();
    for text in given {
        let (name, source) = text
            .split_once('=')
            .filter(|(name, source)| !name.is_empty() && !source.is_empty())
            .ok_or_else(|| format!("--build-context {text} is not NAME=SOURCE"))?;
        let context = NamedContext::read(source);
        // What is at an address nobody knows here.
        if let NamedContext::Folder(path) = &context
            && !path.contains("://")
        {
            let folder = Path::new(path);
            let mut files = context::read(folder)
                .map_err(|error| format!("cannot read the build context {path}: {error}"))?;
            if let Ok(text) = std::fs::read(folder.join(".dockerignore")) {
                let patterns = Patterns::read(&decode(&text));
                let stays = |file: &ContextFile| !patterns.verdict(&file.path).ignored;
                files.files.retain(stays);
            }
            named.folders.insert(path.clone(), Arc::new(files));
        }
        // BuildKit looks them up in lower case.
        named.contexts.insert(name.to_lowercase(), context);
    }
    Ok(named)
}

/// The id of a secret that is given. What it is nobody needs to know, but a file that is named must
/// be there.
fn secret(given: &str) -> Result<String, String> {
    let mut id = None;
    for field in given.split(',') {
        match field.trim().split_once('=') {
            Some(("id", name)) if !name.is_empty() => id = Some(name.to_owned()),
            Some(("src" | "source", path)) if !Path::new(path).is_file() => {
                return Err(format!("--secret {given}: there is no file {path}"));
            }
            Some(("id", _)) => return Err(format!("--secret {given}: the id is empty")),
            Some(("src" | "source" | "env" | "type", _)) => {}
            _ => return Err(format!("--secret {given}: `{field}` is no field of it")),
        }
    }
    id.ok_or_else(|| format!("--secret {given} has no id"))
}

/// The files of a folder.
///
/// # Errors
/// Where it cannot be read; in a sentence.
pub fn context_of(folder: &Path) -> Result<Arc<Context>, String> {
    context::read(folder)
        .map(Arc::new)
        .map_err(|error| format!("cannot read the context {}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_given_by_its_id() {
        assert_eq!(secret("id=token").as_deref(), Ok("token"));
        assert_eq!(secret("id=token,env=TOKEN").as_deref(), Ok("token"));
        assert_eq!(secret("type=env,id=token").as_deref(), Ok("token"));
        for wrong in [
            "",
            "token",
            "src=Cargo.toml",
            "id=",
            "id=a,what=b",
            "id=a,src=/no/file",
        ] {
            assert!(secret(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_named_context_is_an_image_a_folder_or_something_far_away() {
        let given = [
            "Base=docker-image://alpine:3.20",
            "far=https://example.org/a.git",
        ];
        let named = named_contexts(&given.map(str::to_owned)).unwrap();
        let image = NamedContext::Image("alpine:3.20".to_owned());
        assert_eq!(named.contexts.get("base"), Some(&image));
        assert!(matches!(
            named.contexts.get("far"),
            Some(NamedContext::Folder(_))
        ));
        assert!(named.folders.is_empty());
        let here = env!("CARGO_MANIFEST_DIR");
        let named = named_contexts(&[format!("own={here}/src")]).unwrap();
        assert!(
            named
                .folders
                .values()
                .any(|it| it.files.iter().any(|it| it.path == "lib.rs"))
        );
        for wrong in ["a", "a=", "=b", "a=/no/such/folder"] {
            assert!(named_contexts(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
