//! The editor: tabs for the files, CodeMirror, and what the engine tells it.

use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint32Array};
use stagecraft_engine::diagnostics::{Applicability, Severity};
use stagecraft_engine::highlight::{Look, highlights};
use stagecraft_engine::text::Edit;
use stagecraft_engine::{Analysis, complete, graph::NodeKind};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::editor::{Boot, Editor};
use crate::state::{Action, Desk, OpenFile, Sought};

/// Properties of [`EditorPanel`].
#[derive(Properties, PartialEq)]
pub(crate) struct EditorPanelProps {
    /// What the loader has made.
    pub boot: Boot,
    /// What is on the desk.
    pub desk: UseReducerHandle<Desk>,
    /// Whether the page is dark.
    pub dark: bool,
    /// Shown below the text.
    pub children: Html,
}

/// Files as tabs, and the text of the open one.
#[component]
pub(crate) fn EditorPanel(props: &EditorPanelProps) -> Html {
    let desk = &props.desk;
    let places = [use_node_ref(), use_node_ref()];
    let ignore = use_mut_ref(|| None::<Editor>);

    // The editors live outside of Yew: they are moved into their places once and listened to.
    use_effect_with((), {
        let boot = props.boot.clone();
        let places = places.clone();
        let dispatcher = desk.dispatcher();
        let ignore = ignore.clone();
        let texts = OpenFile::ALL.map(|file| desk.text(file).to_owned());
        move |()| {
            let mut keep = Vec::new();
            let editor = boot.editor();
            let [main_place, ignore_place] = &places;
            if let Some(place) = main_place.cast::<HtmlElement>() {
                editor.move_into(&place);
            }
            keep.push(listen(&editor, OpenFile::Dockerfile, &dispatcher));
            let cursor = {
                let dispatcher = dispatcher.clone();
                Closure::<dyn Fn(u32, u32)>::new(move |_: u32, line: u32| {
                    dispatcher.dispatch(Action::Cursor(line));
                })
            };
            let unlisten = editor.on_cursor(cursor.as_ref().unchecked_ref());
            if let Some(place) = ignore_place.cast::<HtmlElement>() {
                let [_, text] = &texts;
                let second = boot.create_editor(&place, text, &options(OpenFile::Dockerignore));
                keep.push(listen(&second, OpenFile::Dockerignore, &dispatcher));
                *ignore.borrow_mut() = Some(second);
            }
            let typed = editor.doc();
            if typed == boot.shown() {
                // The loader cannot know what a lesson starts with.
                let [text, _] = &texts;
                put(&editor, text, true);
            } else {
                // What was typed before the app was there.
                dispatcher.dispatch(Action::Edit(OpenFile::Dockerfile, typed));
            }
            move || {
                let _ = unlisten.call0(&JsValue::NULL);
                drop((keep, cursor));
            }
        }
    });

    // Texts that did not come from the editor go into it. Within a lesson that can be undone.
    let lesson = use_mut_ref(|| slug(desk));
    use_effect_with(desk.replaced, {
        let boot = props.boot.clone();
        let desk = desk.clone();
        let ignore = ignore.clone();
        move |replaced| {
            let other = lesson.replace(slug(&desk)) != slug(&desk);
            if *replaced > 0 {
                let put = |editor: &Editor, file| put(editor, desk.text(file), other);
                put(&boot.editor(), OpenFile::Dockerfile);
                if let Some(editor) = &*ignore.borrow() {
                    put(editor, OpenFile::Dockerignore);
                }
            }
        }
    });

    // Whoever sought a place finds it once it is no longer hidden.
    use_effect_with(desk.sought, {
        let editor = props.boot.editor();
        let lines = Rc::clone(&desk.analysis);
        move |(times, place)| match place {
            _ if *times == 0 => {}
            Sought::Cursor => editor.focus(),
            Sought::Offset(offset) => editor.reveal(lines.lines.utf16(*offset)),
        }
    });

    use_effect_with((Rc::clone(&desk.analysis), desk.line), {
        let boot = props.boot.clone();
        let graph = Rc::clone(&desk.graph.0);
        move |(analysis, line): &(Rc<Analysis>, u32)| {
            let editor = boot.editor();
            // The text may have moved on; the next answer is on its way.
            if editor.doc() == analysis.file.source() {
                tell(&editor, analysis);
                let lines = graph
                    .node_at_line(*line)
                    .and_then(|at| graph.nodes.get(at))
                    .filter(|node| matches!(node.kind, NodeKind::Stage(_)))
                    .map_or_else(Vec::new, |node| (node.lines.0..=node.lines.1).collect());
                editor.mark_lines(&Uint32Array::from(lines.as_slice()), "is-stage");
            }
        }
    });

    use_effect_with(props.dark, {
        let boot = props.boot.clone();
        let ignore = ignore.clone();
        move |dark| {
            boot.editor().set_dark(*dark);
            if let Some(editor) = &*ignore.borrow() {
                editor.set_dark(*dark);
            }
        }
    });

    let tabs = [use_node_ref(), use_node_ref()];
    let tab = |(file, place): (OpenFile, &NodeRef)| {
        let selected = desk.open == file;
        let dispatcher = desk.dispatcher();
        let onclick = Callback::from(move |_: MouseEvent| dispatcher.dispatch(Action::Open(file)));
        let dispatcher = desk.dispatcher();
        let [first, last] = tabs.clone();
        let onkeydown = Callback::from(move |event: KeyboardEvent| {
            let (file, tab) = match (event.key().as_str(), file) {
                ("ArrowLeft" | "ArrowRight", OpenFile::Dockerfile) | ("End", _) => {
                    (OpenFile::Dockerignore, &last)
                }
                ("ArrowLeft" | "ArrowRight", OpenFile::Dockerignore) | ("Home", _) => {
                    (OpenFile::Dockerfile, &first)
                }
                _ => return,
            };
            event.prevent_default();
            dispatcher.dispatch(Action::Open(file));
            if let Some(tab) = tab.cast::<HtmlElement>() {
                // A tab that cannot take the focus is still the open one.
                let _ = tab.focus();
            }
        });
        html! {
            <button key={file.name()} role="tab" id={format!("tab-{}", id(file))} aria-controls={format!("file-{}", id(file))}
                aria-selected={selected.to_string()} tabindex={if selected { "0" } else { "-1" }} class="tab" ref={place.clone()} {onclick} {onkeydown}>
                { file.name() }
                if file == OpenFile::Dockerignore && desk.workspace.dockerignore.is_none() {
                    <span class="tab__note">{ "none" }</span>
                }
            </button>
        }
    };
    html! {
        <section class="work" aria-label="Files">
            <div class="tabs" role="tablist" aria-label="Files">{ for OpenFile::ALL.into_iter().zip(&tabs).map(tab) }</div>
            { for OpenFile::ALL.iter().zip(&places).map(|(&file, place)| html! {
                <div key={file.name()} class="work__file" role="tabpanel" id={format!("file-{}", id(file))} aria-labelledby={format!("tab-{}", id(file))}
                    hidden={desk.open != file} ref={place.clone()} />
            }) }
            { props.children.clone() }
        </section>
    }
}

/// A file's name as part of an id.
fn id(file: OpenFile) -> &'static str {
    match file {
        OpenFile::Dockerfile => "dockerfile",
        OpenFile::Dockerignore => "dockerignore",
    }
}

fn options(file: OpenFile) -> JsValue {
    object(&[("label", file.name().into())])
}

fn listen(
    editor: &Editor,
    file: OpenFile,
    dispatcher: &UseReducerDispatcher<Desk>,
) -> Closure<dyn Fn(String)> {
    let dispatcher = dispatcher.clone();
    let closure = Closure::<dyn Fn(String)>::new(move |text: String| {
        dispatcher.dispatch(Action::Edit(file, text));
    });
    // Listened to as long as the page lives.
    let _ = editor.on_change(closure.as_ref().unchecked_ref());
    closure
}

/// Puts a text into an editor, with a new history or as one more step of it.
fn put(editor: &Editor, text: &str, anew: bool) {
    if anew {
        editor.reset_doc(text);
    } else if editor.doc() != text {
        editor.set_doc(text);
    }
}

/// The name of the lesson at hand.
fn slug(desk: &Desk) -> Option<String> {
    desk.lesson.as_ref().map(|lesson| lesson.slug.clone())
}

/// Shows colours and findings, and offers proposals.
fn tell(editor: &Editor, analysis: &Rc<Analysis>) {
    let looks = highlights(&analysis.file, &analysis.lines);
    LOOK_CLASSES.with(|classes| editor.set_tokens(&Uint32Array::from(looks.as_slice()), classes));
    let findings: Array = analysis
        .findings
        .iter()
        .map(|finding| {
            let place = |offset| JsValue::from(analysis.lines.utf16(offset));
            let fixes: Array = finding
                .fixes
                .iter()
                .filter(|fix| fix.applicability != Applicability::DisplayOnly)
                .map(|fix| {
                    object(&[
                        ("title", (*fix.title).into()),
                        ("edits", edits(analysis, &fix.edits).into()),
                    ])
                })
                .collect();
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
                Severity::Hint => "hint",
            };
            object(&[
                ("from", place(finding.range.start())),
                ("to", place(finding.range.end())),
                ("severity", severity.into()),
                ("code", finding.rule.into()),
                ("message", finding.message.replace('`', "").into()),
                ("fixes", fixes.into()),
            ])
        })
        .collect();
    editor.set_diagnostics(&findings);
    let source = {
        let analysis = Rc::clone(analysis);
        Closure::<dyn Fn(String, u32, bool) -> JsValue>::new(move |doc: String, at, explicit| {
            proposals(&analysis, &doc, at, explicit)
        })
    };
    editor.set_completions(&source.into_js_value());
}

thread_local! {
    /// The classes of the looks, made once: the editor compares the array by identity.
    static LOOK_CLASSES: Array = Look::ALL
        .iter()
        .map(|look| JsValue::from(format!("tok-{}", look.name())))
        .collect();
}

/// The edits of a fix as the editor takes them.
pub(crate) fn edits(analysis: &Analysis, list: &[Edit]) -> Array {
    list.iter()
        .map(|edit| {
            object(&[
                ("from", analysis.lines.utf16(edit.range.start()).into()),
                ("to", analysis.lines.utf16(edit.range.end()).into()),
                ("insert", edit.insert.as_str().into()),
            ])
        })
        .collect()
}

fn proposals(analysis: &Analysis, doc: &str, at: u32, explicit: bool) -> JsValue {
    if doc != analysis.file.source() {
        return JsValue::NULL;
    }
    let offset = analysis.lines.from_utf16(at);
    let Some(found) = complete::proposals(&analysis.file, &analysis.model, offset) else {
        return JsValue::NULL;
    };
    // An empty place is no question, unless it is asked by hand.
    if found.range.is_empty() && !explicit {
        return JsValue::NULL;
    }
    let list: Array = found
        .list
        .iter()
        .map(|it| {
            let kind = match it.kind {
                complete::ProposalKind::Keyword => "keyword",
                complete::ProposalKind::Flag => "property",
                complete::ProposalKind::Stage => "class",
                complete::ProposalKind::Image => "namespace",
                complete::ProposalKind::Variable => "variable",
                complete::ProposalKind::Value => "enum",
            };
            let mut pairs = vec![
                ("label", JsValue::from(it.label.as_str())),
                ("kind", kind.into()),
            ];
            if !it.detail.is_empty() {
                pairs.push(("detail", it.detail.as_str().into()));
            }
            if !it.info.is_empty() {
                pairs.push(("info", it.info.as_str().into()));
            }
            if let Some(insert) = &it.insert {
                pairs.push(("insert", insert.as_str().into()));
            }
            object(&pairs)
        })
        .collect();
    object(&[
        ("from", analysis.lines.utf16(found.range.start()).into()),
        ("options", list.into()),
    ])
}

/// A plain object.
fn object(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in pairs {
        // A plain object takes every key.
        let _ = Reflect::set(&object, &JsValue::from(*key), value);
    }
    object.into()
}
