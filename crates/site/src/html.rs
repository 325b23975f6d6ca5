//! Text to HTML. Whatever comes from a lesson or a rule goes through [`escape`].

use stagecraft_engine::highlight::pieces;

/// A text as it stands in HTML, between tags or in quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A Dockerfile in the colours of the editor.
pub(crate) fn dockerfile(text: &str) -> String {
    let mut out =
        String::from("<pre class=\"snippet\" tabindex=\"0\"><code class=\"language-dockerfile\">");
    for (class, piece) in pieces(text) {
        let piece = escape(&piece);
        match class {
            Some(class) => {
                for part in ["<span class=\"tok-", class, "\">", &piece, "</span>"] {
                    out.push_str(part);
                }
            }
            None => out.push_str(&piece),
        }
    }
    out.push_str("</code></pre>\n");
    out
}

/// Any other text in fixed width.
pub(crate) fn code(text: &str) -> String {
    format!(
        "<pre class=\"snippet\" tabindex=\"0\"><code>{}</code></pre>\n",
        escape(text)
    )
}

/// Text with `code` between backticks.
pub(crate) fn marked(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        if at % 2 == 1 {
            for part in ["<code>", &part, "</code>"] {
                out.push_str(part);
            }
        } else {
            out.push_str(&part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let hostile = "<script>alert(1)</script>\"'&";
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;";
        assert_eq!(escape(hostile), escaped);
        assert!(code(hostile).contains(escaped));
        assert!(marked(hostile).contains(escaped));
        assert!(!dockerfile(&format!("RUN {hostile}\n")).contains("<script"));
    }

    #[test]
    fn backticks_mark_code() {
        assert_eq!(marked("a `b<` c"), "a <code>b&lt;</code> c");
    }
}
