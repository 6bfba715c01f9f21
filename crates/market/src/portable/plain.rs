//! Symbols with anything between them: white space, commas, semicolons, bars.

use super::{ImportFormat, cells, draft::Draft};

pub(super) fn read(text: &str) -> Draft {
    let mut draft = Draft::new(ImportFormat::Plain);
    for (line, at) in text.lines().zip(1..) {
        for word in line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')) {
            let word = word.trim_matches('"');
            if word.is_empty() {
                continue;
            }
            let added = cells::symbol(word).map_err(|fault| (word.to_owned(), fault));
            if let Err(wrong) = added.and_then(|symbol| draft.list("", &symbol)) {
                draft.tell(Some(at), wrong);
            }
        }
    }
    draft
}
