//! What ShellCheck reads between brackets: a condition, and nothing behind it.

/// So many parentheses are followed into each other.
const DEEPEST: usize = 50;

/// Whether these words and operators are a condition; nothing at all is one.
pub(crate) fn is_condition(items: &[&str]) -> bool {
    items.is_empty() || either(items, 0) == Some(&[])
}

/// Takes a condition off the front, with what is chained to it; gives the rest.
fn either<'i, 't>(items: &'i [&'t str], depth: usize) -> Option<&'i [&'t str]> {
    let mut rest = single(items, depth)?;
    while let [joint, behind @ ..] = rest
        && matches!(*joint, "-a" | "-o" | "&&" | "||")
    {
        rest = single(behind, depth)?;
    }
    Some(rest)
}

/// The same for one condition.
fn single<'i, 't>(items: &'i [&'t str], depth: usize) -> Option<&'i [&'t str]> {
    let items = items.strip_prefix(&["!"]).unwrap_or(items);
    let (first, rest) = items.split_first()?;
    if matches!(*first, "(" | "\\(" | "\"(\"" | "'('") && depth < DEEPEST {
        let (close, rest) = either(rest, depth + 1)?.split_first()?;
        return matches!(*close, ")" | "\\)" | "\")\"" | "')'").then_some(rest);
    }
    if is_of_letters(first) {
        return rest.split_first().map(|(_, rest)| rest);
    }
    match rest {
        [operator, behind @ ..] if is_binary(operator) => {
            behind.split_first().map(|(_, rest)| rest)
        }
        _ => Some(rest),
    }
}

/// Whether it is an operator of letters: `-f`, `-eq`.
fn is_of_letters(item: &str) -> bool {
    let letters = item.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_binary(item: &str) -> bool {
    matches!(
        item,
        "=" | "==" | "!=" | "<" | ">" | "\\<" | "\\>" | "<=" | ">=" | "=~"
    ) || is_of_letters(item) && !matches!(item, "-a" | "-o")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(condition: &str, expected: bool) {
        let items: Vec<&str> = condition.split_whitespace().collect();
        assert_eq!(is_condition(&items), expected, "{condition}");
    }

    #[test]
    fn a_condition_is_a_word_or_an_operator_with_its_words() {
        for condition in [
            "", "a", "! a", "-f a", "! -f a", "a = b", "a != b", "a -gt b", "a =~ b", "-a b",
            "-foo a",
        ] {
            check(condition, true);
        }
        for condition in [
            "a b", "a b c", "a = b c", "a =", "= b", "-f", "-f a b", "! ! a", "!", "--foo a",
            "-1 a", "a === b", "a ~= b",
        ] {
            check(condition, false);
        }
    }

    #[test]
    fn conditions_are_chained_and_put_in_parentheses() {
        check("-f a -a ! -d b -o c = d", true);
        check("\\( -f a -o -f b \\) -a c", true);
        check("-f a && ( b || c )", true);
        check("a = b c = d", false);
        check("a = b -o", false);
        check("\\( a", false);
        check(&"( ".repeat(10_000), false);
    }
}
