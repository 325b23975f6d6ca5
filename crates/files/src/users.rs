//! Names of users and groups, as `/etc/passwd` and `/etc/group` have them.

use crate::tree::Tree;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// The number of its first group.
    pub gid: u32,
    /// Its folder; empty where none is known.
    pub home: String,
    /// Its name; empty where none is known.
    pub name: String,
}

/// The lines of a table whose fields are set apart by colons.
fn table(tree: &Tree, path: &str) -> Option<String> {
    let file = tree.file(path)?;
    let text = std::str::from_utf8(file.content.as_bytes()?).ok()?;
    Some(text.to_owned())
}

/// The user of that name or number; `None` where nobody is called so.
pub fn user(tree: &Tree, name: &str) -> Option<User> {
    let number = name.parse::<u32>().ok();
    let listed = table(tree, "/etc/passwd").and_then(|table| {
        table.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [known, _, uid, gid, _, home, ..] = fields.as_slice() else {
                return None;
            };
            let uid = uid.parse().ok()?;
            (*known == name || Some(uid) == number).then(|| User {
                uid,
                gid: gid.parse().unwrap_or(0),
                home: (*home).to_owned(),
                name: (*known).to_owned(),
            })
        })
    });
    listed.or_else(|| {
        number.map(|uid| User {
            uid,
            ..User::default()
        })
    })
}

/// The number of a group of that name or number.
pub fn group_id(tree: &Tree, name: &str) -> Option<u32> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    table(tree, "/etc/group")?.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [known, _, gid, ..] if *known == name => gid.parse().ok(),
            _ => None,
        }
    })
}
