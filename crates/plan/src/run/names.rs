//! Lists in which names are looked up again and again.

/// Where each name of a list is to be found, so that a look-up takes about one comparison.
pub(super) struct Slots<const COUNT: usize>([u8; COUNT]);

impl<const COUNT: usize> Slots<COUNT> {
    /// Those of a list, which has to be shorter than there are slots, and than 256.
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "done by the compiler, which would say so"
    )]
    pub(super) const fn of<T>(list: &[(&str, T)]) -> Self {
        assert!(list.len() < COUNT && list.len() < 256);
        // The number of a name in the list, from 1, at its slot or, where another one is there, in
        // one of the next; 0 is free.
        let mut slots = [0; COUNT];
        let mut at = 0;
        while at < list.len() {
            let mut slot = start(list[at].0) % COUNT;
            while slots[slot] != 0 {
                slot = (slot + 1) % COUNT;
            }
            at += 1;
            slots[slot] = at as u8;
        }
        Self(slots)
    }

    /// What stands behind a name in the list that they were made of.
    pub(super) fn find<'l, T>(&self, list: &'l [(&str, T)], name: &str) -> Option<&'l T> {
        let mut slot = start(name) % COUNT;
        while let Some(&number @ 1..) = self.0.get(slot) {
            match list.get(usize::from(number) - 1) {
                Some((known, found)) if *known == name => return Some(found),
                _ => slot = (slot + 1) % COUNT,
            }
        }
        None
    }
}

/// A number by which a name is looked for. The factors are such that few names which are looked up
/// often find another one in their slot.
const fn start(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (_, behind) = bytes.split_at(bytes.len() / 2);
    match (bytes.first(), behind.first(), bytes.last()) {
        (Some(first), Some(middle), Some(last)) => {
            let ends = *first as usize * 54 + *last as usize * 297;
            bytes.len() * 276 + *middle as usize * 399 + ends
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn a_name_is_found_wherever_its_slot_is() {
        const LIST: [(&str, u32); 5] = [("b", 1), ("", 2), ("aba", 3), ("aca", 4), ("ab", 5)];
        // All but one are taken.
        const SLOTS: Slots<6> = Slots::of(&LIST);
        for (name, number) in LIST {
            assert_eq!(SLOTS.find(&LIST, name), Some(&number), "{name}");
        }
        assert_eq!(SLOTS.find(&LIST, "ada"), None);
        assert_eq!(SLOTS.find(&LIST, "x"), None);
    }
}
