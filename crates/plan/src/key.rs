//! Cache keys: what a step is made of, so that a later build knows it again.
//!
//! As BuildKit has them: an instruction's own words once expanded, the environment for RUN, the
//! content of the files that it takes, and the keys of the steps that it starts from.

use std::cell::{Cell, OnceCell};
use std::hash::{Hash, Hasher};

use stagecraft_image::{Platform, Reference};
use stagecraft_semantic::paths::join;
use stagecraft_semantic::{Command, Model, Role, State, Variable};
use stagecraft_syntax::expand::{self, Expander, Quotes};
use stagecraft_syntax::{Form, Heredoc, Instruction, Keyword, Kind, Mount, MountKind, Parse};
use stagecraft_text::sort;

use crate::held::joined;
use crate::model::Step;

/// The keys of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Keys {
    /// Of all that it is made of.
    pub(crate) whole: u64,
    /// Of the same without what it copies out of other stages: BuildKit looks at the content of
    /// that, which nobody knows beforehand.
    pub(crate) loose: u64,
    /// The same two of what it leaves for the steps that stand on it. They differ for
    /// `COPY --link`, whose files do not depend on what is below them.
    pub(crate) left: (u64, u64),
}

/// A key of parts.
pub(crate) fn hash(parts: &impl Hash) -> u64 {
    let mut mixer = Mixer::new();
    parts.hash(&mut mixer);
    mixer.finish()
}

/// Makes one number of many: each part is multiplied into what was before, and both halves of the
/// product count. Keys only tell what is equal, so that nothing has to be safe from whoever looks
/// for two texts with the same one.
struct Mixer(u64);

impl Mixer {
    // Odd numbers with as many ones as zeros, in no order.
    const START: u64 = 0x6c3b_a5d1_92e8_4f17;
    const FACTOR: u64 = 0xd1b5_4a32_c967_8e3b;

    fn new() -> Self {
        Self(Self::START)
    }

    /// Parts that end with how many there are.
    fn list(&mut self, parts: impl Iterator<Item = impl Hash>) {
        let count = self.parts(parts);
        self.write_usize(count);
    }

    /// Parts, and how many there are.
    fn parts(&mut self, parts: impl Iterator<Item = impl Hash>) -> usize {
        parts.map(|part| part.hash(self)).count()
    }

    fn mix(&mut self, part: u64) {
        self.mix_both(part, 0);
    }

    fn mix_both(&mut self, one: u64, other: u64) {
        let (low, high) = (self.0 ^ one).carrying_mul(Self::FACTOR ^ other, 0);
        // What was before goes in once more, so that a product of zero forgets nothing.
        self.0 = (low ^ high).wrapping_add(self.0.rotate_left(29));
    }
}

/// Up to eight bytes as a number; others have the same one only where there are fewer or more.
fn number(bytes: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else {
        let next = |number, &byte: &u8| number << 8 | u64::from(byte);
        return bytes.iter().fold(0, next);
    };
    u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((pair, behind)) = rest.split_first_chunk::<16>() {
            let pair = u128::from_le_bytes(*pair);
            #[expect(clippy::cast_possible_truncation, reason = "it is cut in two")]
            self.mix_both(pair as u64, (pair >> 64) as u64);
            rest = behind;
        }
        match (rest.first_chunk(), rest.last_chunk()) {
            // What both ends have in common counts twice.
            (Some(first), Some(last)) => {
                self.mix_both(u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            }
            _ => self.mix(number(rest)),
        }
        // With their number zeros at the end count.
        self.write_usize(bytes.len());
    }

    fn write_u8(&mut self, part: u8) {
        self.mix(part.into());
    }

    fn write_u32(&mut self, part: u32) {
        self.mix(part.into());
    }

    fn write_u64(&mut self, part: u64) {
        self.mix(part);
    }

    fn write_usize(&mut self, part: usize) {
        self.mix(u64::try_from(part).unwrap_or(u64::MAX));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A key of the name of an image, the same as for the name in full.
pub(crate) fn of_reference(name: &Reference<'_>) -> u64 {
    let mut mixer = Mixer::new();
    match name.official() {
        Some(path) => path.hash(&mut mixer),
        None => (name.registry(), name.path()).hash(&mut mixer),
    }
    match (name.tag(), name.digest()) {
        (None, None) => "latest".hash(&mut mixer),
        (tag, None) => tag.unwrap_or_default().hash(&mut mixer),
        parts => parts.hash(&mut mixer),
    }
    mixer.finish()
}

/// The keys of a FROM that fetches an image of that key.
pub(crate) fn of_image(key: u64, platform: &Platform) -> Keys {
    let key = hash(&("from", key, platform));
    Keys {
        whole: key,
        loose: key,
        left: (key, key),
    }
}

/// What a step is made of.
pub(crate) struct Parts<'a> {
    pub(crate) model: &'a Model,
    pub(crate) command: &'a Command,
    /// The text that the instruction is written in.
    pub(crate) file: &'a Parse,
    pub(crate) instruction: &'a Instruction,
    /// Whether anything is known of the context.
    pub(crate) has_context: bool,
    /// The key of the files of the context that it takes.
    pub(crate) content: u64,
    /// What is left for expansions, where anybody counts.
    pub(crate) expansions: Option<&'a expand::Room>,
}

/// What a step stands on.
pub(crate) struct Upon<'a> {
    /// All steps before it.
    pub(crate) steps: &'a [Step],
    /// The one that it stands on.
    pub(crate) below: Option<usize>,
    /// Others that it takes files from.
    pub(crate) others: &'a [usize],
    /// Images that it takes files from.
    pub(crate) images: &'a [&'a str],
    /// Whether its files do not depend on what is below them.
    pub(crate) link: bool,
}

impl Upon<'_> {
    /// The keys of a step, by the one that it has alone.
    pub(crate) fn keys(&self, own: u64) -> Keys {
        let left = |at: usize| self.steps.get(at).map(|step| step.keys.left);
        let below = self.below.and_then(left).unwrap_or_default();
        let parent = if self.link { (0, 0) } else { below };
        let mut alone = Mixer::new();
        alone.mix(own);
        alone.list(self.images.iter());
        let mut loose = Mixer(alone.0);
        loose.mix(parent.1);
        let mut whole = alone;
        whole.mix(parent.0);
        for &other in self.others {
            whole.mix(left(other).map_or(0, |(whole, _)| whole));
        }
        whole.write_usize(self.others.len());
        let (whole, loose) = (whole.finish(), loose.finish());
        let left = if self.link {
            (hash(&(whole, below.0)), hash(&(loose, below.1)))
        } else {
            (whole, loose)
        };
        Keys { whole, loose, left }
    }
}

/// What the keys of one RUN have in common with those of others.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// The key of what it finds in its environment, by the newest variable: most find the same as
    /// the RUN before.
    newest: Cell<Option<(*const Variable, u64)>>,
    /// How that starts which the usual shell runs.
    usual: OnceCell<u64>,
}

/// What a process of RUN is started with where nothing says otherwise.
const USUAL_SHELL: [&str; 2] = ["/bin/sh", "-c"];

impl Environment {
    fn key(&self, model: &Model, state: State) -> u64 {
        let newest = model.scopes().history(state).next();
        let newest = newest.map_or(std::ptr::null(), std::ptr::from_ref);
        if let Some((_, key)) = self.newest.get().filter(|(known, _)| *known == newest) {
            return key;
        }
        let mut mixer = Mixer::new();
        mixer.list(environment(model, state).iter());
        let key = mixer.finish();
        self.newest.set(Some((newest, key)));
        key
    }

    /// Mixes what a RUN is started with: both forms can come to the same.
    fn shell(&self, shell: Option<&[String]>, form: Form) -> (Mixer, usize) {
        let start = |words: &mut dyn Iterator<Item = &str>| {
            let mut mixer = Mixer::new();
            "run".hash(&mut mixer);
            let count = mixer.parts(words);
            (mixer, count)
        };
        match shell {
            _ if form != Form::Shell => start(&mut std::iter::empty()),
            Some(words) => start(&mut words.iter().map(String::as_str)),
            None => {
                let usual = || start(&mut USUAL_SHELL.into_iter()).0.0;
                (Mixer(*self.usual.get_or_init(usual)), USUAL_SHELL.len())
            }
        }
    }
}

impl Parts<'_> {
    /// The key of the step alone, with the files that it takes.
    pub(crate) fn own_key(&self, environment: &Environment) -> u64 {
        // Where a mount has its files from counts as long as nobody has looked into them.
        let by_content = self.has_context && self.instruction.keyword != Keyword::Run;
        let mut mixer = Mixer(self.own(by_content, environment));
        mixer.mix(self.content);
        mixer.finish()
    }

    /// The key of the instruction alone, without what it stands on and takes. Where
    /// `by_content` says so, sources are known by what they are and not by where they lie.
    pub(crate) fn own(&self, by_content: bool, environment: &Environment) -> u64 {
        match self.instruction.keyword {
            Keyword::Run => self.run(by_content, environment),
            Keyword::Workdir => {
                let scopes = self.model.scopes();
                // The folder belongs to the user.
                let user = scopes.user(self.command.before);
                hash(&("workdir", scopes.workdir(self.command.after), user))
            }
            _ => self.transfer(by_content),
        }
    }

    /// The expanded words of that role.
    fn texts(&self, wanted: impl Fn(Role) -> bool) -> impl DoubleEndedIterator<Item = &str> {
        let words = self.model.words(self.command).iter();
        words
            .filter(move |word| wanted(word.role))
            .map(|word| self.model.text(self.file, self.command, word))
    }

    /// The same as a list.
    pub(crate) fn words(&self, wanted: impl Fn(Role) -> bool) -> Vec<&str> {
        self.texts(wanted).collect()
    }

    fn run(&self, by_content: bool, environment: &Environment) -> u64 {
        let scopes = self.model.scopes();
        let before = self.command.before;
        let (file, instruction) = (self.file, self.instruction);
        let heredocs = file.heredocs(instruction);
        let (mut mixer, count) = environment.shell(scopes.shell(before), instruction.form);
        // A heredoc that is all of the command goes without the name that ends it.
        let named = |range| heredocs.iter().any(|heredoc| heredoc.marker == range);
        let arguments = file.args(instruction).iter();
        let arguments = arguments.filter(|word| !named(word.range));
        let count = count + mixer.parts(arguments.map(|word| file.word(*word)));
        mixer.write_usize(count);
        mixer.list(heredocs.iter().map(|heredoc| file.str(heredoc.content)));
        if !file.flags(instruction).is_empty() {
            mixer.list(self.sorted_flags(by_content).iter());
        }
        environment.key(self.model, before).hash(&mut mixer);
        (scopes.workdir(before), scopes.user(before)).hash(&mut mixer);
        mixer.finish()
    }

    /// The flags of RUN. Where a mount stands among the others makes no difference.
    fn sorted_flags(&self, by_content: bool) -> Vec<String> {
        let mut flags: Vec<String> = if by_content {
            self.run_flags()
        } else {
            let flags = self.file.flags(self.instruction).iter();
            let flags = flags.map(|flag| self.file.word(flag.word).to_owned());
            let mounts = self.texts(|role| matches!(role, Role::Mount(..)));
            flags.chain(mounts.map(str::to_owned)).collect()
        };
        sort(&mut flags);
        flags
    }

    /// The flags of RUN as far as they are part of what is run: not where the files of a mount
    /// come from, and not which cache it is. Source: BuildKit's key of an exec operation.
    fn run_flags(&self) -> Vec<String> {
        let (file, instruction) = (self.file, self.instruction);
        let mut flags = Vec::new();
        for (mount_at, mount) in file.mounts(instruction).iter().enumerate() {
            let mut parts = vec![mount.kind.name().to_owned()];
            for (option_at, option) in file.mount_options(mount).iter().enumerate() {
                let is_place = matches!(option.key, "type" | "from" | "source" | "sharing");
                if is_place || option.key == "id" && mount.kind == MountKind::Cache {
                    continue;
                }
                let value = self.option(mount_at, option_at).unwrap_or_default();
                let value = if option.key == "target" {
                    let workdir = self.model.scopes().workdir(self.command.before);
                    join(workdir.unwrap_or("/"), value)
                } else {
                    value.to_owned()
                };
                parts.push(format!("{}={value}", option.key));
            }
            sort(&mut parts);
            flags.push(parts.join(","));
        }
        if let Kind::Run(run) = &instruction.kind {
            for (word, usual) in [(run.network, "default"), (run.security, "sandbox")] {
                let value = word.map(|word| file.word(word));
                flags.extend(value.filter(|value| *value != usual).map(str::to_owned));
            }
        }
        flags
    }

    /// The value of an option of a mount, expanded.
    pub(crate) fn option(&self, mount: usize, option: usize) -> Option<&str> {
        let role = Role::Mount(u16::try_from(mount).ok()?, u16::try_from(option).ok()?);
        self.texts(move |it| it == role).next()
    }

    /// The value of a mount's option of that name, expanded; of several, the last. Empty where the
    /// option has none.
    pub(crate) fn mount_value(&self, at: usize, mount: &Mount, key: &str) -> Option<&str> {
        let options = self.file.mount_options(mount);
        let option = options.iter().rposition(|option| option.key == key)?;
        Some(self.option(at, option).unwrap_or_default())
    }

    /// The id of the secret that a mount asks for, and whether the step fails without it.
    pub(crate) fn secret(&self, at: usize, mount: &Mount) -> (&str, bool) {
        let value = |key: &str| self.mount_value(at, mount, key);
        let id = value("id").or_else(|| value("source")).unwrap_or_default();
        let target = || value("target").unwrap_or_default().rsplit('/').next();
        let id = if id.is_empty() { target() } else { Some(id) };
        let required = value("required").is_some_and(|text| text != "false");
        (id.unwrap_or_default(), required)
    }

    fn transfer(&self, by_content: bool) -> u64 {
        let Kind::Transfer(transfer) = &self.instruction.kind else {
            return 0;
        };
        let mut sources = self.texts(|role| role == Role::Argument);
        let Some(destination) = sources.next_back() else {
            return 0;
        };
        let scopes = self.model.scopes();
        let workdir = scopes.workdir(self.command.before).unwrap_or("/");
        let folder = destination.ends_with('/') || destination == ".";
        let mut mixer = Mixer::new();
        ("copy", self.instruction.keyword == Keyword::Add).hash(&mut mixer);
        // Where files of the context lie there makes no difference, only what they are.
        mixer.list(sources.map(|source| {
            if by_content && !source.contains("://") {
                let path = source.trim_end_matches('/');
                path.rsplit('/').next().unwrap_or(source)
            } else {
                source
            }
        }));
        let heredocs = self.file.heredocs(self.instruction).iter();
        mixer.list(heredocs.map(|heredoc| self.body(heredoc)));
        (joined(workdir, destination), folder).hash(&mut mixer);
        for word in self.model.words(self.command) {
            let text = || self.model.text(self.file, self.command, word);
            match word.role {
                Role::Chown | Role::Checksum | Role::Exclude => (0_u8, text()).hash(&mut mixer),
                Role::Chmod => match u32::from_str_radix(text(), 8) {
                    Ok(mode) => (1_u8, mode).hash(&mut mixer),
                    Err(_) => (2_u8, text()).hash(&mut mixer),
                },
                _ => {}
            }
        }
        let flags = (transfer.link, transfer.parents);
        (flags, transfer.unpack, transfer.keep_git_dir).hash(&mut mixer);
        mixer.finish()
    }

    /// The lines of a heredoc as COPY writes them.
    pub(crate) fn body(&self, heredoc: &Heredoc) -> String {
        let text = self.file.str(heredoc.content);
        let stripped: String;
        let text = if heredoc.chomp {
            let lines = text.split_inclusive('\n');
            stripped = lines.map(|line| line.trim_start_matches('\t')).collect();
            &stripped
        } else {
            text
        };
        if !heredoc.expand {
            return text.to_owned();
        }
        let scopes = self.model.scopes();
        let lookup = |name: &str| scopes.value(self.command.before, name);
        let expander = Expander {
            quotes: Quotes::Ignore,
            room: self.expansions,
            ..Expander::new(self.file.escape(), &lookup)
        };
        expand::text(text, &expander).map_or_else(|_| text.to_owned(), Into::into)
    }
}

/// What RUN finds in its environment, the newest first. Of more variables than anybody has, the
/// newest.
fn environment(model: &Model, state: State) -> Vec<(&str, &str)> {
    const MOST: usize = 200;
    let mut all: Vec<(&str, &str)> = Vec::new();
    for variable in model.scopes().history(state).take(MOST) {
        let name = variable.name();
        if let Some(value) = variable.value()
            && !all.iter().any(|(newer, _)| *newer == name)
        {
            if all.is_empty() {
                // Few have more.
                all.reserve(16);
            }
            all.push((name, value));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::hash;

    #[test]
    fn what_differs_a_little_has_another_key() {
        let texts = [
            "",
            "\0",
            "\0\0",
            "a",
            "b",
            "ab",
            "abcdefgh",
            "abcdefg",
            "abcdefghi",
            "bacdefgh",
        ];
        let mut keys = BTreeSet::new();
        for one in texts {
            for other in texts {
                for number in 0..64_u64 {
                    keys.insert(hash(&(one, other, number)));
                    keys.insert(hash(&(one, other, 1_u64 << 63 | number << 32)));
                }
            }
        }
        assert_eq!(keys.len(), texts.len() * texts.len() * 128);
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }
}
