//! The package managers of Node.js.

use stagecraft_semantic::paths::join;
use stagecraft_sizes::{
    Basis, Estimate, Installed, Major, Name, Packages, Reasons, Repository, Weight, rule,
};

use super::words::{Words, has_unknown, operands, value_of};
use super::{Added, Machine, Place, Placed, Share, first_of, listed, within};

/// What npm, yarn and pnpm do in a step.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a command line may ask for"
)]
pub(super) struct Npm {
    installs: Vec<Wanted>,
    /// What is for development only and not wanted; some of it stays nevertheless.
    spared: Vec<Wanted>,
    locked: bool,
    called: bool,
    yarn: bool,
    keeps_cache: bool,
    strange: Vec<Name>,
    builds: bool,
    /// Where modules go.
    folders: Vec<String>,
    pub(super) cache_removed: bool,
    pub(super) yarn_cache_removed: bool,
    emptied: bool,
    /// How many bytes of npm's own code it runs, compiled.
    code: u64,
    pub(super) code_removed: bool,
}

/// A package that a command line or `package.json` names.
#[derive(Debug, Clone)]
struct Wanted {
    name: String,
    /// As it is written.
    version: String,
    /// npm installs it for all projects, and puts all that it needs into its own folder, whatever
    /// others have there.
    /// Source: `npm install -g express body-parser`, run with npm 11.19.
    alone: bool,
}

impl Wanted {
    /// Installs it with all that is asked for `beside` it; `known` is what the table has of it.
    fn install(
        &self,
        known: Major<'_>,
        beside: &Installed,
        locked: bool,
        table: Packages<'_>,
        there: &mut Modules,
    ) -> Weight {
        if !self.alone {
            return table.install_major(&mut there.project, known, locked, beside);
        }
        let nothing = Installed::default();
        let fetched = table.install_major(&mut there.global, known, false, &nothing);
        if fetched.count == 0 {
            return fetched;
        }
        let own = table.install_major(&mut Installed::default(), known, false, &nothing);
        let ([files, ..], [_, cache, pages]) = (own.bytes, fetched.bytes);
        Weight {
            bytes: [files, cache, pages],
            ..own
        }
    }
}

/// What a step installs of npm.
#[derive(Default)]
struct Sum<'a> {
    weight: Weight,
    /// Of this what is of another major version than is wanted.
    other: Weight,
    /// Packages that are not in the table.
    unknown: Vec<&'a str>,
}

/// What there is of npm.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Modules {
    /// In a project's `node_modules`.
    project: Installed,
    /// For all projects: what some package has brought, though it serves that one only.
    global: Installed,
}

impl Modules {
    /// What a project has, or what all have, is gone.
    pub(super) fn forget(&mut self, global: bool) {
        let gone = if global {
            &mut self.global
        } else {
            &mut self.project
        };
        *gone = Installed::default();
    }
}

/// Where npm puts what is for all projects: that of official images, and that of Debian.
pub(super) const GLOBAL: [&str; 2] = ["/usr/local/lib/node_modules", "/usr/lib/node_modules"];

/// Where Node.js keeps code that it has compiled.
/// Source: Node.js, documentation of `module.enableCompileCache`.
pub(super) const CODE: &str = "/tmp/node-compile-cache";

/// How many bytes Node.js keeps of the code of npm that a command runs: measured with Node.js 22.20
/// and 24.19, which differ by 5 %.
fn code(name: &str, verb: &str) -> u64 {
    match (name, verb) {
        ("npm", "ci" | "clean-install" | "install" | "i" | "add" | "update") | ("npx", _) => {
            1_440_000
        }
        // Each looks for a newer npm.
        ("npm", _) => 1_130_000,
        _ => 0,
    }
}

/// The major version that a version or a range of them wants; `None` where any will do.
fn major(version: &str) -> Option<&str> {
    let digits = version.trim_start_matches(['^', '~', '=', 'v', '>', '<', ' ']);
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits.get(..end).filter(|major| !major.is_empty())
}

/// Options whose value is the next word; `--production` is a switch.
#[rustfmt::skip]
const WITH_VALUE: &[&str] = &[
    "--prefix", "--registry", "--loglevel", "--cache", "-C", "--network-timeout", "--cwd", "--omit",
    "--only", "--filter", "-w", "--workspace", "--network-concurrency", "--cache-folder",
    "--include",
];

/// What `npm cache clean` leaves behind.
const NPM_EMPTIED: u64 = 15_000;

/// What of JSON tells where a string stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    /// `{` or `[`
    Open(u8),
    /// `}` or `]`
    Close,
    Colon,
    Comma,
    /// A string as it is written, without its quotes.
    Text(&'t str),
}

/// The tokens of a text of JSON, up to a string that does not end. Numbers and words are left out.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            return Some(match byte {
                b'{' | b'[' => Token::Open(byte),
                b'}' | b']' => Token::Close,
                b':' => Token::Colon,
                b',' => Token::Comma,
                b'"' => {
                    let start = at;
                    loop {
                        match bytes.get(at)? {
                            b'"' => break,
                            b'\\' => at += 2,
                            _ => at += 1,
                        }
                    }
                    at += 1;
                    Token::Text(text.get(start..at - 1)?)
                }
                _ => continue,
            });
        }
    })
}

/// The packages with their versions in a part of `package.json`, which is one of its own keys.
fn named_in(text: &str, part: &str) -> Vec<(String, String)> {
    const MOST: usize = 2_000;
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut is_inside = false;
    // The key that was read last, and whether its value comes next.
    let mut key: Option<&str> = None;
    let mut is_value = false;
    for token in tokens(text) {
        match token {
            Token::Text(name) if !is_value => key = Some(name),
            Token::Text(version) => {
                if let Some(name) = key.filter(|_| is_inside && depth == 2) {
                    found.push((name.to_owned(), version.to_owned()));
                }
                (key, is_value) = (None, false);
            }
            Token::Colon => is_value = key.is_some(),
            Token::Comma => (key, is_value) = (None, false),
            Token::Open(kind) => {
                depth += 1;
                if depth == 2 {
                    is_inside = is_value && key == Some(part) && kind == b'{';
                }
                (key, is_value) = (None, false);
            }
            Token::Close if is_inside && depth == 2 => break,
            Token::Close => depth = depth.saturating_sub(1),
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

impl Npm {
    /// Takes in what the project's own `package.json` names.
    fn project(&mut self, manager: &str, words: &[&str], place: &Place<'_>, at: &Words<'_>) {
        let Some(text) = (place.list)(&at.path("package.json")) else {
            self.strange.push("what package.json names".into());
            return;
        };
        let omits = [
            "--omit=dev",
            "--production",
            "--only=production",
            "--only=prod",
            "--prod",
        ];
        let production = words.iter().any(|word| omits.contains(word))
            || (place.value)("NODE_ENV").is_some_and(|value| value == "production");
        let named = |part| {
            let named = named_in(text, part).into_iter();
            named.map(|(name, version)| Wanted {
                name,
                version,
                alone: false,
            })
        };
        self.installs.extend(named("dependencies"));
        self.installs.extend(named("optionalDependencies"));
        let development = named("devDependencies");
        if !production {
            self.installs.extend(development);
        } else if manager == "npm" {
            self.spared.extend(development);
        }
    }

    /// Takes one of their commands in.
    pub(super) fn command(
        &mut self,
        manager: &str,
        words: &[&str],
        place: &Place<'_>,
        at: &Words<'_>,
    ) {
        let mut named = operands(words, WITH_VALUE);
        let first = named.next();
        let is_global = first == Some("global");
        let verb = first.unwrap_or_default();
        let verb = if is_global { named.next() } else { None }.unwrap_or(verb);
        let is_global = is_global || words.iter().any(|word| ["-g", "--global"].contains(word));
        let names_any = named.clone().next().is_some();
        self.code = self.code.max(code(manager, verb));
        let kept = match manager {
            "yarn" => "/usr/local/share/.cache/yarn",
            "pnpm" => "/root/.local/share/pnpm",
            _ => "/root/.npm",
        };
        match (manager, verb) {
            ("npm" | "yarn", "cache") | ("pnpm", "store") => {
                self.emptied |= manager == "npm";
                self.yarn_cache_removed |= manager != "npm";
                return;
            }
            ("npm", "ci" | "clean-install") | ("yarn" | "pnpm", "" | "install" | "i")
                if !names_any =>
            {
                self.called = true;
                self.locked = true;
                self.project(manager, words, place, at);
            }
            ("npm" | "pnpm", "install" | "i" | "add" | "isntall") | ("yarn", "add") => {
                self.called = true;
                if !names_any {
                    self.locked |= (place.at)(&at.path("package-lock.json")).is_some();
                    self.project(manager, words, place, at);
                }
                for name in named {
                    let bare = match name.char_indices().skip(1).find(|(_, c)| *c == '@') {
                        Some((end, _)) => name.get(..end).unwrap_or(name),
                        None => name,
                    };
                    let version = name.get(bare.len() + 1..).unwrap_or("latest");
                    let strange = has_unknown(bare)
                        || bare.starts_with(['.', '/'])
                        || bare.contains(':')
                        || bare.contains('/') && !bare.starts_with('@');
                    if strange {
                        self.strange
                            .push("packages that only the build can name".into());
                    } else {
                        self.installs.push(Wanted {
                            name: bare.to_owned(),
                            version: version.to_owned(),
                            alone: is_global && manager == "npm",
                        });
                    }
                }
            }
            (_, "run" | "build" | "run-script") | ("npx", _) => {
                self.builds = true;
                return;
            }
            _ => return,
        }
        let folder = if is_global {
            GLOBAL[0].to_owned()
        } else {
            let prefix = value_of(words, &["--prefix", "--cwd", "-C"]);
            join(&at.path(prefix.unwrap_or(".")), "node_modules")
        };
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
        self.yarn |= manager == "yarn";
        self.keeps_cache |= !place.is_mounted(kept);
    }

    /// What was installed for a project, or for all of them, is gone again.
    pub(super) fn forget(&mut self, global: bool) {
        self.installs.retain(|wanted| wanted.alone != global);
        if !global {
            self.spared.clear();
            self.strange.clear();
        }
    }

    /// What Node.js keeps of npm's code beyond what it has kept before.
    fn compiled(&self, place: &Place<'_>, machine: &mut Machine) -> Option<Placed> {
        let is_off = (place.value)("NODE_DISABLE_COMPILE_CACHE").is_some();
        if self.code_removed {
            machine.npm_code = 0;
        }
        if self.code_removed || is_off || !machine.system.keeps_npm() || place.is_mounted(CODE) {
            return None;
        }
        let more = self.code.saturating_sub(machine.npm_code);
        machine.npm_code += more;
        let basis = rule!("npm's own code, which Node.js keeps compiled");
        (more > 0).then(|| Placed {
            path: CODE.into(),
            size: Estimate::of(within(more, 85, 115), basis),
            folder: true,
        })
    }

    /// Installs all that is wanted, and what stays beside it.
    fn install_all(&self, table: Packages<'_>, there: &mut Modules) -> Sum<'_> {
        let mut sum = Sum::default();
        let mut known = Vec::with_capacity(self.installs.len());
        let mut wanted = Vec::with_capacity(self.installs.len());
        for want in &self.installs {
            match table.major(&want.name, major(&want.version)) {
                Some(package) => {
                    known.push(package);
                    wanted.push(want);
                }
                None => sum.unknown.push(&want.name),
            }
        }
        let beside = table.together(&known);
        let mut install = |package: Major<'_>, want: &Wanted, there: &mut Modules| {
            let found = want.install(package, &beside, self.locked, table, there);
            sum.weight = sum.weight.plus(found);
            if major(&want.version).is_some_and(|major| major != package.version) {
                sum.other = sum.other.plus(found);
            }
        };
        for (package, want) in known.iter().zip(wanted) {
            install(*package, want, there);
        }
        let spared = self.spared.iter();
        let mut spared: Vec<(Major<'_>, &Wanted)> = spared
            .filter_map(|want| Some((table.major(&want.name, major(&want.version))?, want)))
            .collect();
        // What stays may work with another one.
        let mut left = spared.len() + 1;
        while spared.len() < left {
            left = spared.len();
            spared.retain(|(package, want)| {
                let stays = table.keeps(&there.project, *package);
                if stays {
                    install(*package, want, there);
                }
                !stays
            });
        }
        sum
    }

    /// Adds what it does to a sum.
    pub(super) fn finish(&self, place: &Place<'_>, machine: &mut Machine, sum: &mut Added) {
        let code = self.compiled(place, machine);
        if !self.called && !self.builds && code.is_none() {
            return;
        }
        let is_lost = matches!(&self.folders[..], [path] if place.is_lost(path));
        let before = is_lost.then(|| machine.npm.clone());
        let table = machine.tables.packages(Repository::Npm);
        let Sum {
            weight,
            other,
            unknown,
        } = self.install_all(table, &mut machine.npm);
        let [files, cache, pages] = weight.bytes;
        let (low, high) = if other.bytes[0] > files / 5 {
            (50, 160)
        } else {
            (80, 122)
        };
        let basis = || listed(table, weight.count, &[]);
        let mut modules = match files {
            0 => Estimate::zero(),
            _ => Estimate::of(within(files, low, high), basis()),
        };
        modules.high = modules.high.map(|high| high + 50_000);
        if !unknown.is_empty() {
            // A few among many hardly matter.
            let guess = 1_500_000 * u64::try_from(unknown.len()).unwrap_or(u64::MAX);
            let more = if guess.saturating_mul(3) <= files {
                let basis = Basis::Heuristic(first_of("npm packages like", &unknown));
                Estimate::between(guess / 20, guess, guess * 4, basis)
            } else {
                Estimate::unknown(first_of("the npm package", &unknown))
            };
            modules = modules.plus(&more);
        }
        if let Some(what) = self.strange.first() {
            modules = modules.plus(&Estimate::unknown(what.clone()));
        }
        if let Some(before) = before {
            machine.npm = before;
            modules = Estimate::zero();
        }
        let removed = self.cache_removed || self.yarn && self.yarn_cache_removed;
        let cached = if self.emptied {
            NPM_EMPTIED
        } else if self.keeps_cache && !removed {
            cache + if self.locked { 0 } else { pages }
        } else {
            0
        };
        let mut size = modules.clone();
        if cached > 0 {
            let basis = if cache > 0 {
                Reasons::from(basis())
            } else {
                rule!("what npm's cache is without packages").into()
            };
            size.add(&Estimate::of(within(cached, low, high), basis));
        }
        if self.builds {
            let basis = rule!("a script of package.json");
            let made = Estimate::range(0, 100_000_000, basis);
            size.add(&made);
            sum.loose.add(&made);
        }
        if let Some(code) = code {
            size.add(&code.size);
            sum.placed.push(code);
        }
        sum.add(&size, Share(150, 260, 400).of(size.span()));
        match &self.folders[..] {
            [] => {}
            [path] => sum.placed.push(Placed {
                path: path.clone().into(),
                size: modules,
                folder: true,
            }),
            _ => sum.loose.add(&modules),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn a_part_of_package_json_is_one_of_its_own_and_not_one_of_its_parts() {
        let text = r#"{
          "name": "the \"dependencies\": {\"not\": \"1\"} of it",
          "overrides": { "dependencies": { "wrong": "1" }, "a": [{ "dependencies": {"b": "2"} }] },
          "dependencies": { "express": "^4.18.0", "@scope/x": "~1.0" , "odd}": "2", "esc\u0061pe": "3" },
          "devDependencies": {},
          "peerDependenciesMeta": { "devDependencies": { "c": "1" } }
        }"#;
        let pairs = |part| -> Vec<(String, String)> { named_in(text, part) };
        let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(
            pairs("dependencies"),
            [
                pair("express", "^4.18.0"),
                pair("@scope/x", "~1.0"),
                pair("odd}", "2"),
                pair("esc\\u0061pe", "3"),
            ]
        );
        assert_eq!(pairs("devDependencies"), []);
        assert_eq!(pairs("optionalDependencies"), []);
    }

    #[test]
    fn what_is_no_json_names_what_can_be_read_of_it() {
        for text in [
            "",
            "{",
            "\"dependencies\"",
            "{\"dependencies\"",
            "{\"dependencies\":",
            "{\"dependencies\": 5}",
            "{\"dependencies\": [\"a\", \"b\"]}",
            "}}}{\"dependencies\": {}",
            "{\"a\": \"\\",
        ] {
            assert_eq!(named_in(text, "dependencies"), [], "{text}");
        }
        let cut = "{\"dependencies\": {\"a\": \"1\", \"b\": {\"c\": \"2\"}, \"d\": 3, \"e\": \"4";
        assert_eq!(
            named_in(cut, "dependencies"),
            [("a".to_owned(), "1".to_owned())]
        );
    }
}
