//! The lessons that are there.

use std::cell::OnceCell;
use std::ops::Deref;

use stagecraft_lessons::{Guide, Lesson};

/// The lessons: at a first visit the first one, with the names of the others until they come.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    beginning: Guide,
    all: OnceCell<Guide>,
}

impl Shelf {
    /// With the lessons that are there at once.
    pub(crate) fn new(beginning: Guide) -> Self {
        Self {
            beginning,
            all: OnceCell::new(),
        }
    }

    /// All lessons have come; they come once.
    pub(crate) fn fill(&self, all: Guide) {
        // Those that were there stay.
        let _ = self.all.set(all);
    }

    /// The lesson of that name, where more than the name is there.
    pub(crate) fn whole(&self, slug: &str) -> Option<&Lesson> {
        self.lesson(slug).filter(|lesson| lesson.is_whole())
    }
}

impl Deref for Shelf {
    type Target = Guide;

    fn deref(&self) -> &Guide {
        self.all.get().unwrap_or(&self.beginning)
    }
}

/// There is one in a page, and what is drawn of it are names, which stay.
impl PartialEq for Shelf {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_of_which_only_the_name_is_there_is_found_when_all_have_come() {
        let guide = Guide::unpack(&fixture().pack()).unwrap();
        let shelf = Shelf::new(guide.beginning());
        assert_eq!(shelf.lessons().count(), 2);
        assert!(shelf.whole("one").is_some());
        assert!(shelf.whole("two").is_none());
        shelf.fill(guide);
        assert!(shelf.whole("two").is_some());
    }

    fn fixture() -> Guide {
        use stagecraft_lessons::{Files, Part};
        let lesson = |slug: &str| Lesson {
            slug: slug.to_owned(),
            title: slug.to_owned(),
            summary: "What it is about.".to_owned(),
            minutes: 1,
            start: Files {
                dockerfile: "FROM a\n".to_owned(),
                dockerignore: None,
            },
            ..Lesson::default()
        };
        Guide {
            title: "Guide".to_owned(),
            parts: vec![Part {
                title: "Part".to_owned(),
                lessons: vec![lesson("one"), lesson("two")],
            }],
        }
    }
}
