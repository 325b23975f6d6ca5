//! A Dockerfile in the colours of the editor, to look at.

use stagecraft_engine::highlight::{Look, highlights};
use stagecraft_engine::syntax::parse;
use stagecraft_engine::text::LineIndex;
use yew::prelude::*;

/// Properties of [`Snippet`].
#[derive(Properties, PartialEq)]
pub(crate) struct SnippetProps {
    /// The text.
    pub text: AttrValue,
}

/// Coloured text in fixed width.
#[component]
pub(crate) fn Snippet(SnippetProps { text }: &SnippetProps) -> Html {
    let pieces = use_memo(text.clone(), |text| pieces(text));
    html! {
        <pre class="snippet" tabindex="0"><code>{
            for pieces.iter().map(|(class, text)| match class {
                Some(class) => html! { <span class={format!("tok-{class}")}>{ text }</span> },
                None => html! { { text } },
            })
        }</code></pre>
    }
}

/// The text in pieces, each with the class of its look.
fn pieces(text: &str) -> Vec<(Option<&'static str>, String)> {
    let index = LineIndex::new(text);
    let mut out = Vec::new();
    let mut at = 0;
    for piece in highlights(&parse(text), &index).chunks_exact(3) {
        let &[from, to, look] = piece else { continue };
        let from = usize::from(index.from_utf16(from));
        let to = usize::from(index.from_utf16(to));
        let class = Look::ALL.get(look as usize).map(|look| look.name());
        let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
        if at < from {
            out.push((None, slice(at, from)));
        }
        out.push((class, slice(from, to)));
        at = to;
    }
    out.push((None, text.get(at..).unwrap_or_default().to_owned()));
    out
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn the_pieces_joined_are_the_text() {
        let text = "# é\nFROM a AS b\nRUN x \"y\" # z\n";
        let joined: String = pieces(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(joined, text);
    }
}
