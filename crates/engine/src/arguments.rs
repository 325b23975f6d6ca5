//! What a build can be asked for: its arguments and its platform.

use stagecraft_semantic::Options;
use stagecraft_syntax::{Keyword, Parse};

/// What images are mostly built for, the usual one first. A Dockerfile can name others.
pub const PLATFORMS: [&str; 4] = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x"];

/// An argument that the Dockerfile asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is where nothing is given, as it is written.
    pub default: Option<&'a str>,
    /// What is given: `--build-arg`.
    pub given: Option<&'a str>,
}

/// Every argument by its first ARG, in the order of the file.
pub fn arguments<'a>(file: &'a Parse, options: &'a Options) -> Vec<Argument<'a>> {
    let mut all: Vec<Argument<'a>> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let instructions = file.instructions().iter();
    for instruction in instructions.filter(|it| it.keyword == Keyword::Arg) {
        for pair in file.pairs(instruction) {
            let name = file.word(pair.name);
            if !name.is_empty() && seen.insert(name) {
                all.push(Argument {
                    name,
                    default: pair.value.map(|value| file.word(value)),
                    given: options.build_args.get(name).map(String::as_str),
                });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use stagecraft_syntax::parse;

    use super::*;

    #[test]
    fn each_argument_is_there_once_with_its_first_default() {
        let file = parse("ARG V=1 W\nFROM a:$V\nARG V\nARG W=2 X=\"3\"\n");
        let mut options = Options::default();
        options.build_args.insert("W".to_owned(), "9".to_owned());
        let all = arguments(&file, &options);
        let all: Vec<_> = all
            .iter()
            .map(|it| (it.name, it.default, it.given))
            .collect();
        assert_eq!(
            all,
            [
                ("V", Some("1"), None),
                ("W", None, Some("9")),
                ("X", Some("\"3\""), None)
            ]
        );
    }
}
