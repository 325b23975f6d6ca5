//! What an instruction says, and the mistakes that BuildKit notices when it makes sense of it.

use std::ops::Range;

use stagecraft_text::{TextRange, closest};

use crate::error::{ErrorKind, Phase};
use crate::heredoc::is_heredoc_marker;
use crate::instruction::{From, Healthcheck, Kind, Mount, MountKind, MountOption, Run, Transfer};
use crate::parser::Parser;
use crate::tree::{Flag, Form, Instruction, Keyword, Span, Word};

/// What a flag may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FlagKind {
    Value,
    Boolean,
    /// May be given more than once.
    List,
}

type KnownFlag = (&'static str, FlagKind);

const ADD: &[KnownFlag] = &[
    ("checksum", FlagKind::Value),
    ("chmod", FlagKind::Value),
    ("chown", FlagKind::Value),
    ("exclude", FlagKind::List),
    ("keep-git-dir", FlagKind::Boolean),
    ("link", FlagKind::Boolean),
    ("unpack", FlagKind::Boolean),
];
const COPY: &[KnownFlag] = &[
    ("chmod", FlagKind::Value),
    ("chown", FlagKind::Value),
    ("exclude", FlagKind::List),
    ("from", FlagKind::Value),
    ("link", FlagKind::Boolean),
    ("parents", FlagKind::Boolean),
];
const FROM: &[KnownFlag] = &[("platform", FlagKind::Value)];
const HEALTHCHECK: &[KnownFlag] = &[
    ("interval", FlagKind::Value),
    ("retries", FlagKind::Value),
    ("start-interval", FlagKind::Value),
    ("start-period", FlagKind::Value),
    ("timeout", FlagKind::Value),
];
const RUN: &[KnownFlag] = &[
    ("device", FlagKind::List),
    ("mount", FlagKind::List),
    ("network", FlagKind::Value),
    ("security", FlagKind::Value),
];

/// The flags that an instruction takes, in alphabetical order.
pub fn known_flags(keyword: Keyword) -> impl Iterator<Item = &'static str> {
    flags_of(keyword).iter().map(|&(name, _)| name)
}

const fn flags_of(keyword: Keyword) -> &'static [KnownFlag] {
    match keyword {
        Keyword::Add => ADD,
        Keyword::Copy => COPY,
        Keyword::From => FROM,
        Keyword::Healthcheck => HEALTHCHECK,
        Keyword::Run => RUN,
        _ => &[],
    }
}

impl Parser {
    /// Fills in what `instruction` says.
    pub(crate) fn settle(&mut self, instruction: &mut Instruction) {
        self.settle_in(instruction, Phase::Instruction);
        if !self.has_stage && !matches!(instruction.keyword, Keyword::Arg | Keyword::Unknown) {
            if instruction.keyword == Keyword::From {
                self.has_stage = true;
            } else {
                let kind = ErrorKind::NoStage(instruction.keyword);
                self.mistake(
                    instruction,
                    kind,
                    instruction.name.range,
                    Phase::Instruction,
                );
            }
        }
    }

    fn mistake(
        &mut self,
        instruction: &mut Instruction,
        kind: ErrorKind,
        range: TextRange,
        phase: Phase,
    ) {
        instruction.broken |= phase == Phase::Instruction;
        self.error(kind, range, self.lines(), phase);
    }

    fn settle_in(&mut self, instruction: &mut Instruction, phase: Phase) {
        let keyword = instruction.keyword;
        match keyword {
            Keyword::From => self.settle_from(instruction, phase),
            Keyword::Add | Keyword::Copy => self.settle_transfer(instruction, phase),
            Keyword::Run => self.settle_run(instruction, phase),
            Keyword::Onbuild => self.settle_onbuild(instruction, phase),
            _ => {
                if let Some((kind, range)) = self.wrong_words(instruction) {
                    self.mistake(instruction, kind, range, phase);
                }
            }
        }
        if keyword == Keyword::Healthcheck {
            self.settle_healthcheck(instruction, phase);
        } else if !instruction.flags.is_empty() {
            self.check_flags(instruction, phase);
        }
    }

    /// What is wrong with the arguments of an instruction whose arguments are just words.
    fn wrong_words(&self, instruction: &Instruction) -> Option<(ErrorKind, TextRange)> {
        let keyword = instruction.keyword;
        let whole = instruction.name.range;
        match keyword {
            Keyword::Unknown => {
                let word = self.str(instruction.name.text);
                let meant = closest(word, Keyword::ALL.iter().map(|keyword| keyword.name()));
                let kind = ErrorKind::UnknownInstruction(meant.map(Keyword::from_word));
                Some((kind, whole))
            }
            Keyword::Workdir | Keyword::User | Keyword::Stopsignal | Keyword::Maintainer => {
                let wrong = instruction.args.len() != 1;
                wrong.then_some((ErrorKind::NotOneArgument(keyword), whole))
            }
            Keyword::Arg | Keyword::Env | Keyword::Label => {
                if instruction.rest.text.is_empty() {
                    return Some((ErrorKind::NoArguments(keyword), whole));
                }
                let Kind::Pairs(pairs) = instruction.kind else {
                    return None;
                };
                let pairs = pairs.of(&self.out.pairs);
                let blank = pairs.iter().find(|pair| pair.name.text.is_empty())?;
                Some((ErrorKind::BlankName(keyword), blank.word.range))
            }
            Keyword::Expose | Keyword::Shell | Keyword::Volume | Keyword::Healthcheck
                if instruction.args.is_empty() =>
            {
                Some((ErrorKind::NoArguments(keyword), whole))
            }
            Keyword::Shell if instruction.form == Form::Shell => {
                Some((ErrorKind::ShellNotJson, instruction.rest.range))
            }
            Keyword::Volume => {
                let paths = instruction.args.of(&self.out.words);
                let empty = paths
                    .iter()
                    .find(|word| self.str(word.text).trim().is_empty())?;
                Some((ErrorKind::EmptyVolume, empty.range))
            }
            _ => None,
        }
    }

    fn arg(&self, instruction: &Instruction, index: usize) -> Option<Word> {
        instruction.args.of(&self.out.words).get(index).copied()
    }

    fn flag_value(&self, instruction: &Instruction, name: &str) -> Option<Word> {
        self.out.flag_value(instruction, name)
    }

    /// Whether a yes-or-no flag is not taken back.
    fn is_on(&self, flag: &Flag) -> bool {
        flag.value
            .is_none_or(|value| !self.str(value.text).eq_ignore_ascii_case("false"))
    }

    fn check_flags(&mut self, instruction: &mut Instruction, phase: Phase) {
        let keyword = instruction.keyword;
        let known = flags_of(keyword);
        let flags = instruction.flags;
        // One bit for each flag that was seen.
        let mut seen = 0_u32;
        for index in 0..flags.len() {
            let Some(&flag) = flags.of(&self.out.flags).get(index) else {
                return;
            };
            let name = self.str(flag.name.text);
            let Some(known_at) = known.iter().position(|(known, _)| *known == name) else {
                let meant = closest(name, known.iter().map(|&(name, _)| name));
                let kind = ErrorKind::UnknownFlag(keyword, meant);
                self.mistake(instruction, kind, flag.word.range, phase);
                continue;
            };
            let kind = known
                .get(known_at)
                .map_or(FlagKind::List, |&(_, kind)| kind);
            let again = seen & (1 << known_at) != 0;
            seen |= 1 << known_at;
            let value = flag.value.map(|value| self.str(value.text));
            let wrong = match (kind, value) {
                (FlagKind::Value | FlagKind::Boolean, _) if again => Some(ErrorKind::RepeatedFlag),
                (FlagKind::Value | FlagKind::List, None) => Some(ErrorKind::FlagNeedsValue),
                (FlagKind::Boolean, Some(value))
                    if !value.eq_ignore_ascii_case("true")
                        && !value.eq_ignore_ascii_case("false") =>
                {
                    Some(ErrorKind::FlagNotBoolean)
                }
                _ => None,
            };
            if let Some(wrong) = wrong {
                self.mistake(instruction, wrong, flag.word.range, phase);
            }
        }
    }

    fn settle_from(&mut self, instruction: &mut Instruction, phase: Phase) {
        let mut from = From {
            image: self.arg(instruction, 0),
            name: None,
            platform: self.flag_value(instruction, "platform"),
        };
        match instruction.args.len() {
            1 => {}
            3 if self
                .arg(instruction, 1)
                .is_some_and(|word| self.str(word.text).eq_ignore_ascii_case("as")) =>
            {
                from.name = self.arg(instruction, 2);
            }
            0 => {
                let range = instruction.name.range;
                self.mistake(instruction, ErrorKind::FromArguments, range, phase);
            }
            _ => {
                // Still a stage for whoever refers to it.
                let second = self.arg(instruction, 1);
                if second.is_some_and(|word| self.str(word.text).eq_ignore_ascii_case("as")) {
                    from.name = self.arg(instruction, 2);
                }
                let start =
                    second.map_or(instruction.rest.range.start(), |word| word.range.start());
                let range = TextRange::new(start, instruction.rest.range.end().max(start));
                self.mistake(instruction, ErrorKind::FromArguments, range, phase);
            }
        }
        if let Some(name) = from.name
            && !instruction.broken
            && !is_stage_name(self.str(name.text))
        {
            self.mistake(instruction, ErrorKind::StageName, name.range, phase);
        }
        instruction.kind = Kind::From(from);
    }

    fn settle_transfer(&mut self, instruction: &mut Instruction, phase: Phase) {
        let args = instruction.args;
        let last = args.end.saturating_sub(1).max(args.start);
        let destination = args.of(&self.out.words).last().copied();
        let mut transfer = Transfer {
            sources: Span {
                start: args.start,
                end: last,
            },
            destination: destination.filter(|_| args.len() > 1),
            ..Transfer::default()
        };
        // Of two with one name the last one counts.
        for flag in instruction.flags.of(&self.out.flags) {
            match self.str(flag.name.text) {
                "from" => transfer.from = flag.value,
                "link" => transfer.link = self.is_on(flag),
                "parents" => transfer.parents = self.is_on(flag),
                "keep-git-dir" => transfer.keep_git_dir = self.is_on(flag),
                "unpack" => transfer.unpack = Some(self.is_on(flag)),
                _ => {}
            }
        }
        instruction.kind = Kind::Transfer(transfer);
        if args.len() < 2 {
            let kind = ErrorKind::NoDestination(instruction.keyword);
            let range = destination.map_or(instruction.name.range, |word| word.range);
            self.mistake(instruction, kind, range, phase);
        } else if let Some(word) = destination
            && instruction.form == Form::Shell
            && is_heredoc_marker(self.str(word.text))
        {
            let kind = ErrorKind::HeredocDestination(instruction.keyword);
            self.mistake(instruction, kind, word.range, phase);
        }
    }

    fn settle_run(&mut self, instruction: &mut Instruction, phase: Phase) {
        if instruction.flags.is_empty() {
            instruction.kind = Kind::Run(Run::default());
            return;
        }
        let network = self.flag_value(instruction, "network");
        let security = self.flag_value(instruction, "security");
        if let Some(word) = network
            && !matches!(self.str(word.text), "default" | "none" | "host")
        {
            self.mistake(instruction, ErrorKind::NetworkMode, word.range, phase);
        }
        if let Some(word) = security
            && !matches!(self.str(word.text), "sandbox" | "insecure")
        {
            self.mistake(instruction, ErrorKind::SecurityMode, word.range, phase);
        }
        let mounts_start = self.out.mounts.len();
        let flags: Vec<Flag> = instruction.flags.of(&self.out.flags).to_vec();
        for flag in flags {
            let Some(value) = flag.value else { continue };
            match self.str(flag.name.text) {
                "mount" => self.mount(flag, value, phase),
                "device" => self.device(instruction, value, phase),
                _ => {}
            }
        }
        instruction.kind = Kind::Run(Run {
            mounts: Span::new(mounts_start..self.out.mounts.len()),
            network,
            security,
        });
    }

    /// `--device=name,key=value,required`
    fn device(&mut self, instruction: &mut Instruction, value: Word, phase: Phase) {
        for (index, field) in self.fields(value).into_iter().enumerate() {
            let text = self.str(field.text);
            if index > 0 && !text.contains('=') && text != "required" {
                self.mistake(instruction, ErrorKind::MountField, field.range, phase);
            }
        }
    }

    /// Splits at commas as a line of CSV: a field that starts with `"` reaches to the next one.
    fn fields(&mut self, value: Word) -> Vec<Word> {
        let text = self.str(value.text);
        let bytes = text.as_bytes();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        loop {
            let quoted = bytes.get(at) == Some(&b'"');
            let start = at + usize::from(quoted);
            let end = if quoted {
                memchr::memchr(b'"', bytes.get(start..).unwrap_or_default())
                    .map_or(bytes.len(), |length| start + length)
            } else {
                at
            };
            let comma = memchr::memchr(b',', bytes.get(end..).unwrap_or_default())
                .map_or(bytes.len(), |length| end + length);
            ranges.push(start..if quoted { end } else { comma });
            if comma >= bytes.len() {
                break;
            }
            at = comma + 1;
        }
        ranges
            .into_iter()
            .map(|range| self.word_of(value.text.sub(range.start, range.end)))
            .collect()
    }

    /// Reads a mount. BuildKit looks at it only when it converts the stage, with variables
    /// expanded, so mistakes in it do not stop the reading.
    fn mount(&mut self, flag: Flag, value: Word, phase: Phase) {
        let phase = match phase {
            Phase::Instruction => Phase::Convert,
            other => other,
        };
        let start = self.out.mount_options.len();
        for field in self.fields(value) {
            let text = self.str(field.text);
            let (name_end, value) = match text.find('=') {
                Some(at) => (at, Some(self.word_of(field.text.sub(at + 1, text.len())))),
                None => (text.len(), None),
            };
            let name = self.word_of(field.text.sub(0, name_end));
            let written = self.str(name.text).to_ascii_lowercase();
            let key = MOUNT_KEYS
                .iter()
                .find(|(short, _)| *short == written)
                .map_or("", |&(_, long)| long);
            let has_variable = self.str(field.text).contains('$');
            let wrong = match (key, value) {
                _ if has_variable => None,
                ("", Some(_)) => Some(ErrorKind::MountKey(closest(
                    &written,
                    MOUNT_KEYS.iter().map(|&(_, long)| long),
                ))),
                ("readonly" | "readwrite" | "required", _) | (_, Some(_)) => None,
                (_, None) => Some(ErrorKind::MountField),
            };
            if let Some(wrong) = wrong {
                self.error(wrong, field.range, self.lines(), phase);
            }
            self.out
                .mount_options
                .push(MountOption { key, name, value });
        }
        let mut mount = Mount {
            range: flag.word.range,
            kind: MountKind::Bind,
            options: Span::new(start..self.out.mount_options.len()),
        };
        self.check_mount(&mut mount, phase);
        self.out.mounts.push(mount);
    }

    fn check_mount(&mut self, mount: &mut Mount, phase: Phase) {
        let options = mount.options;
        let value = |parser: &Self, key| {
            let options = options.of(&parser.out.mount_options);
            let option = options.iter().rfind(|option| option.key == key)?;
            option.value
        };
        if let Some(word) = value(self, "type") {
            let text = self.str(word.text).to_ascii_lowercase();
            let known = MountKind::ALL.into_iter().find(|kind| kind.name() == text);
            if known.is_none() && !text.contains('$') {
                let meant = closest(&text, MountKind::ALL.iter().map(|kind| kind.name()));
                self.error(ErrorKind::MountType(meant), word.range, self.lines(), phase);
            }
            mount.kind = known.unwrap_or(MountKind::Unknown);
        }
        for (key, expected) in MOUNT_VALUES {
            if let Some(word) = value(self, key)
                && !self.str(word.text).contains('$')
                && !is_mount_value(key, self.str(word.text))
            {
                let kind = ErrorKind::MountValue(key, expected);
                self.error(kind, word.range, self.lines(), phase);
            }
        }
        let needs = match mount.kind {
            MountKind::Bind | MountKind::Cache | MountKind::Tmpfs
                if value(self, "target").is_none() =>
            {
                Some("target")
            }
            MountKind::Secret
                if ["id", "source", "target"]
                    .iter()
                    .all(|key| value(self, key).is_none()) =>
            {
                Some("id")
            }
            _ => None,
        };
        if let Some(needs) = needs {
            let kind = ErrorKind::MountNeeds(mount.kind.name(), needs);
            self.error(kind, mount.range, self.lines(), phase);
        }
    }

    fn settle_healthcheck(&mut self, instruction: &mut Instruction, phase: Phase) {
        let mut check = Healthcheck::default();
        let word = self.arg(instruction, 0);
        let kind = word.map_or("", |word| self.str(word.text));
        let more = self.arg(instruction, 1).map(|word| word.range);
        let Some(word) = word else {
            instruction.kind = Kind::Healthcheck(Box::new(check));
            return;
        };
        if kind.eq_ignore_ascii_case("none") {
            check.none = true;
            if let Some(range) = more {
                let kind = ErrorKind::HealthcheckNoneArguments;
                self.mistake(instruction, kind, range, phase);
            }
            // BuildKit does not look at the flags of NONE.
            instruction.kind = Kind::Healthcheck(Box::new(check));
            return;
        }
        self.check_flags(instruction, phase);
        if !kind_is_cmd(self.str(word.text)) {
            self.mistake(instruction, ErrorKind::HealthcheckType, word.range, phase);
        } else if more.is_none() {
            let kind = ErrorKind::HealthcheckNoCommand;
            self.mistake(instruction, kind, word.range, phase);
        }
        for (name, slot) in [
            ("interval", &mut check.interval),
            ("timeout", &mut check.timeout),
            ("start-period", &mut check.start_period),
            ("start-interval", &mut check.start_interval),
        ] {
            let Some(word) = self.flag_value(instruction, name) else {
                continue;
            };
            let wrong = match duration(self.str(word.text)) {
                None => ErrorKind::Duration,
                Some(nanos) if nanos != 0 && nanos < 1_000_000 => ErrorKind::DurationTooShort,
                Some(nanos) => {
                    *slot = Some(nanos);
                    continue;
                }
            };
            // `--interval=` is as good as nothing.
            if !word.text.is_empty() {
                self.mistake(instruction, wrong, word.range, phase);
            }
        }
        if let Some(word) = self
            .flag_value(instruction, "retries")
            .filter(|word| !word.text.is_empty())
        {
            match self.str(word.text).parse::<i32>() {
                Ok(retries) if retries >= 0 => check.retries = Some(retries),
                _ => self.mistake(instruction, ErrorKind::Retries, word.range, phase),
            }
        }
        instruction.kind = Kind::Healthcheck(Box::new(check));
    }

    fn settle_onbuild(&mut self, instruction: &mut Instruction, phase: Phase) {
        let Kind::Onbuild(inner) = &mut instruction.kind else {
            return;
        };
        let Some(mut inner) = inner.take() else {
            let kind = ErrorKind::NoArguments(Keyword::Onbuild);
            let range = instruction.name.range;
            return self.mistake(instruction, kind, range, phase);
        };
        let range = inner.name.range;
        match inner.keyword {
            Keyword::Onbuild => {
                self.mistake(instruction, ErrorKind::ChainedOnbuild, range, phase);
            }
            Keyword::From | Keyword::Maintainer => {
                let kind = ErrorKind::NotInOnbuild(inner.keyword);
                self.mistake(instruction, kind, range, phase);
            }
            _ => {}
        }
        inner.heredocs = instruction.heredocs;
        inner.lines = instruction.lines;
        inner.range = TextRange::new(range.start(), instruction.range.end().max(range.start()));
        // What is wrong in it is noticed only by the build that is based on this image.
        self.settle_in(&mut inner, Phase::Trigger);
        instruction.kind = Kind::Onbuild(Some(inner));
    }
}

/// Options of mounts in every spelling, with their long form.
const MOUNT_KEYS: &[(&str, &str)] = &[
    ("type", "type"),
    ("from", "from"),
    ("source", "source"),
    ("src", "source"),
    ("target", "target"),
    ("dst", "target"),
    ("destination", "target"),
    ("id", "id"),
    ("sharing", "sharing"),
    ("readonly", "readonly"),
    ("ro", "readonly"),
    ("readwrite", "readwrite"),
    ("rw", "readwrite"),
    ("required", "required"),
    ("size", "size"),
    ("mode", "mode"),
    ("uid", "uid"),
    ("gid", "gid"),
    ("env", "env"),
];

/// Options whose values are of a kind, and that kind in words.
const MOUNT_VALUES: [(&str, &str); 8] = [
    ("sharing", "`shared`, `private` or `locked`"),
    ("mode", "an octal number such as `0755`"),
    ("uid", "a number"),
    ("gid", "a number"),
    ("size", "a size such as `64m`"),
    ("readonly", "`true` or `false`"),
    ("readwrite", "`true` or `false`"),
    ("required", "`true` or `false`"),
];

fn is_mount_value(key: &str, value: &str) -> bool {
    match key {
        "sharing" => matches!(value, "shared" | "private" | "locked"),
        "mode" => u64::from_str_radix(value, 8).is_ok(),
        "uid" | "gid" => value.parse::<u64>().is_ok(),
        "size" => is_size(value),
        _ => is_boolean(value),
    }
}

fn kind_is_cmd(word: &str) -> bool {
    word.eq_ignore_ascii_case("cmd")
}

/// A stage name: a letter, then letters, digits, `-`, `_` or `.`.
pub fn is_stage_name(name: &str) -> bool {
    let ascii = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    // BuildKit turns it to lower case first, which makes ASCII of two letters.
    ascii(name) || !name.is_ascii() && ascii(&name.to_lowercase())
}

fn is_boolean(text: &str) -> bool {
    matches!(
        text,
        "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False"
    )
}

/// A number with an optional unit, as `docker run --memory` takes it.
fn is_size(text: &str) -> bool {
    let number = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(number);
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit
        .strip_suffix("ib")
        .or_else(|| unit.strip_suffix('b'))
        .unwrap_or(&unit);
    !number.is_empty()
        && number.matches('.').count() <= 1
        && number != "."
        && matches!(unit, "" | "k" | "m" | "g" | "t" | "p")
}

/// A duration as Go writes it (`1h2m3.5s`), in nanoseconds; saturates at the largest.
pub fn duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let (number, after) = rest.split_at_checked(whole)?;
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at_checked(digits(after))?,
            None => ("", after),
        };
        if number.is_empty() && fraction.is_empty() {
            return None;
        }
        let (unit, after) = [
            ("ns", 1),
            ("us", 1_000),
            ("µs", 1_000),
            ("μs", 1_000),
            ("ms", 1_000_000),
            ("s", 1_000_000_000),
            ("m", 60_000_000_000),
            ("h", 3_600_000_000_000_i64),
        ]
        .iter()
        .find_map(|&(name, unit)| after.strip_prefix(name).map(|after| (unit, after)))?;
        let number: i64 = if number.is_empty() {
            0
        } else {
            number.parse().unwrap_or(i64::MAX)
        };
        total = total.saturating_add(number.saturating_mul(unit));
        let mut scale = unit;
        for digit in fraction.bytes() {
            scale /= 10;
            total = total.saturating_add(i64::from(digit - b'0').saturating_mul(scale));
        }
        rest = after;
    }
    Some(if negative { -total } else { total })
}
