//! The hidden fields of a form in a page, read without a whole HTML parser: `<input type="hidden" name="…" value="…">`.

/// The longest page searched, in bytes; the real one has 92 KB.
const PAGE_BYTES_MAX: usize = 512 * 1024;
const FIELDS_MAX: usize = 16;
const VALUE_BYTES_MAX: usize = 4096;
const ATTRIBUTES_MAX: usize = 32;

/// Names and values, in the page's order.
pub(super) fn hidden_fields(page: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&page[..page.len().min(PAGE_BYTES_MAX)]);
    text.split("<input").skip(1).filter_map(field).take(FIELDS_MAX).collect()
}

fn field(after_tag: &str) -> Option<(String, String)> {
    let attributes = attributes(after_tag);
    let get = |wanted: &str| attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, v)| *v);
    if !get("type")?.eq_ignore_ascii_case("hidden") {
        return None;
    }
    let (name, value) = (unescaped(get("name")?), unescaped(get("value").unwrap_or_default()));
    (!name.is_empty() && name.len() + value.len() <= VALUE_BYTES_MAX).then_some((name, value))
}

/// The attributes of a tag up to its end.
fn attributes(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    while found.len() < ATTRIBUTES_MAX {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>')).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        let (name, after) = rest.split_at(end);
        let (value, after) = value(after);
        found.push((name, value));
        rest = after;
    }
    found
}

/// What stands behind an attribute's name, and what follows that.
fn value(rest: &str) -> (&str, &str) {
    let Some(rest) = rest.strip_prefix('=') else { return ("", rest) };
    match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
        _ => rest.split_at(rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len())),
    }
}

/// The characters that the page writes as entities.
fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&#x3D;", "="),
        ("&#x2F;", "/"),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x60;", "`"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        // Last: what it stands for begins no further entity.
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_hidden_fields_only() {
        let page = br#"<form><input type="hidden" name="csrfToken" value="a&amp;#x3D;b"><input type='hidden' name='done' value='x>y&#x3D;1'/>
            <INPUT type="hidden" name="n"><input type="text" name="who" value="me"><input type=hidden name=plain value=v>
            <input type="hidden" data-js='/beacon?step=1' /><input type="hidden" name="open" value="never ends"#;
        let fields = hidden_fields(page);
        let shown: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(shown, [("csrfToken", "a&#x3D;b"), ("done", "x>y=1"), ("plain", "v"), ("open", "never ends")]);
    }

    proptest! {
        #[test]
        fn any_page_gives_bounded_fields(page in "(<input|type=\"hidden\"|name=|value=|[ '\"<>=&;a-zé]){0,400}") {
            prop_assert!(hidden_fields(page.as_bytes()).len() <= FIELDS_MAX);
        }
    }
}
