//! Every language says everything, with the same filled in, and nothing is there that nobody says.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

use super::*;

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The ids of a language, each with what is filled in.
fn said(texts: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = parser::parse(texts).expect("no line that cannot be read");
    let messages = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => {
            let mut names = BTreeSet::new();
            filled_in(message.value.as_ref().expect("a text"), &mut names);
            Some((message.id.name.to_owned(), names))
        }
        Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => None,
        other => panic!("neither a text nor a comment: {other:?}"),
    });
    messages.collect()
}

fn filled_in(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => names.extend(variable(inline)),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                names.extend(variable(selector));
                for variant in variants {
                    filled_in(&variant.value, names);
                }
            }
        }
    }
}

fn variable(inline: &InlineExpression<&str>) -> Option<String> {
    match inline {
        InlineExpression::VariableReference { id } => Some(id.name.to_owned()),
        InlineExpression::StringLiteral { .. } => None,
        other => panic!("a function, a term or another text: {other:?}"),
    }
}

fn words(tag: &str) -> Words {
    Words::new(Some(&Language::parse(tag).unwrap()), &[])
}

#[test]
fn every_language_says_everything_with_the_same_filled_in() {
    let wanted: BTreeMap<String, BTreeSet<String>> = TEXTS
        .iter()
        .map(|(id, _, names)| ((*id).to_owned(), names.iter().map(|name| (*name).to_owned()).collect()))
        .collect();
    assert_eq!(wanted.len(), TEXTS.len(), "an id twice");
    for (tag, texts) in LANGUAGES {
        assert_eq!(said(texts), wanted, "locales/system/{tag}.ftl");
    }
}

/// Who reads the window in a language reads the rest in it, too.
#[test]
fn the_window_and_the_system_have_the_same_languages() {
    let window = fs::read_dir(Path::new(TOP).join("locales")).unwrap();
    let files: Vec<PathBuf> = window.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    let window: BTreeSet<&str> = files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(window, LANGUAGES.iter().map(|(tag, _)| *tag).collect());
}

#[test]
fn nothing_is_there_that_nobody_says() {
    let mut folders = vec![Path::new(TOP).join("src-tauri/src"), Path::new(TOP).join("crates/quote-engine/src")];
    let mut sources = String::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                sources += &fs::read_to_string(path).unwrap();
            }
        }
    }
    let unsaid: Vec<_> = TEXTS.iter().filter(|(_, name, _)| !sources.contains(&format!(".{name}("))).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn the_chosen_language_comes_first_then_the_readers_then_english() {
    let readers = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let tag = |chosen: Option<&str>, tags: &[&str]| {
        Words::new(chosen.map(|tag| Language::parse(tag).unwrap()).as_ref(), &readers(tags)).tag()
    };
    assert_eq!(tag(None, &[]), "en");
    assert_eq!(tag(None, &["C"]), "en");
    assert_eq!(tag(None, &["fr-FR", "de-CH", "en"]), "de");
    assert_eq!(tag(Some("en"), &["de-DE"]), "en");
    assert_eq!(tag(Some("DE"), &["en-US"]), "de");
    assert_eq!(tag(Some("xx"), &["de_DE.UTF-8", "de"]), "de");
    assert_eq!(tag(Some("de-x-very-own"), &[]), "de");
}

/// As `Intl.NumberFormat` writes them in the window.
#[test]
fn numbers_are_written_as_the_window_writes_them() {
    let written = |locale: &str, number: &str| words(locale).decimal(&number.parse().unwrap());
    for (locale, small, large) in [
        ("en", "1,234.50", "1,234,567.891"),
        ("en-IN", "1,234.50", "12,34,567.891"),
        ("de", "1.234,50", "1.234.567,891"),
        ("de-AT", "1\u{a0}234,50", "1\u{a0}234\u{a0}567,891"),
        ("de-CH", "1'234.50", "1'234'567.891"),
    ] {
        assert_eq!(
            (written(locale, "1234.50"), written(locale, "1234567.891")),
            (small.into(), large.into()),
            "{locale}"
        );
    }
}

#[test]
fn what_is_filled_in_is_text_and_nothing_else() {
    let hostile = "{ $price } { alert-year-high } \" \\u0041 \n[x] *";
    for (tag, text) in [("en", format!("above {hostile}")), ("de", format!("über {hostile}"))] {
        assert_eq!(words(tag).alert_above(hostile), text);
    }
}
