//! What is in a file.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::tree::{Meta, Node};

/// The most bytes of one file that are kept as they are; of larger ones only size and identity.
const KEPT: u64 = 1 << 20;

/// What is in a file: its bytes, or as much as is known of them. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Content(Data);

#[derive(Debug, Clone)]
enum Data {
    Bytes(Arc<[u8]>),
    /// Too large to keep, or not known: so many bytes, and what tells them from others.
    Large {
        size: u64,
        key: u64,
    },
    /// An archive, with what is in it.
    Archive {
        members: Arc<[Member]>,
        size: u64,
        key: u64,
    },
}

/// A file, folder or link in an archive.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its path below the place where the archive is unpacked.
    pub path: String,
    /// What it is; of a folder only the folder itself.
    pub node: Node,
}

fn hash(parts: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

impl Content {
    /// These bytes.
    pub fn bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > KEPT {
            return Self::opaque(size, hash(&bytes));
        }
        Self(Data::Bytes(bytes))
    }

    /// `size` times the same byte.
    pub fn fill(byte: u8, size: u64) -> Self {
        match usize::try_from(size) {
            Ok(length) if size <= KEPT => Self(Data::Bytes(vec![byte; length].into())),
            _ => Self::opaque(size, hash(&("fill", byte, size))),
        }
    }

    /// So many bytes that nobody knows; equal keys say that they are the same.
    pub fn opaque(size: u64, key: u64) -> Self {
        Self(Data::Large { size, key })
    }

    /// An archive that is `size` bytes large.
    pub fn archive(members: Vec<Member>, size: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        size.hash(&mut hasher);
        for member in &members {
            member.path.hash(&mut hasher);
            let meta = member.node.meta();
            (meta.mode, meta.uid, meta.gid, meta.time).hash(&mut hasher);
            match &member.node {
                Node::File(file) => file.content.key().hash(&mut hasher),
                Node::Link(link) => link.to.hash(&mut hasher),
                Node::Dir(_) | Node::Fifo(_) => {}
            }
        }
        Self(Data::Archive {
            members: members.into(),
            size,
            key: hasher.finish(),
        })
    }

    /// How many bytes.
    pub fn size(&self) -> u64 {
        match &self.0 {
            Data::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Data::Large { size, .. } | Data::Archive { size, .. } => *size,
        }
    }

    /// Equal for equal contents.
    pub fn key(&self) -> u64 {
        match &self.0 {
            Data::Bytes(bytes) => hash(bytes),
            Data::Large { key, .. } | Data::Archive { key, .. } => *key,
        }
    }

    /// The bytes, where they are known.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Data::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// What is in it, if it is an archive.
    pub fn members(&self) -> Option<&[Member]> {
        match &self.0 {
            Data::Archive { members, .. } => Some(members),
            _ => None,
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self(Data::Bytes(Arc::new([])))
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Data::Bytes(one), Data::Bytes(two)) => one == two,
            _ => self.size() == other.size() && self.key() == other.key(),
        }
    }
}

impl Eq for Content {}

impl Member {
    /// A folder that an archive holds.
    pub fn folder(path: impl Into<String>, meta: Meta) -> Self {
        Self {
            path: path.into(),
            node: Node::folder(meta),
        }
    }
}
