//! Topics and filters: which are valid, and which topic a filter matches (MQTT 3.1.1 §4.7). Pure. Must never allocate
//! while matching, and must never know what a topic means.

use std::sync::Arc;

/// Levels of a filter; a deeper one is refused, so that no walk through the index goes deeper.
pub(crate) const MAX_LEVELS: usize = 64;

/// May this topic be published to? Narrower than MQTT: never beginning with `$`.
pub(crate) fn is_publishable(topic: &str) -> bool {
    !topic.is_empty()
        && u16::try_from(topic.len()).is_ok()
        && !topic.starts_with('$')
        && !topic.contains(['\0', '+', '#'])
}

/// A valid topic filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The group of a shared subscription.
    pub(crate) share: Option<Arc<str>>,
    /// The filter itself, without `$share/group/`.
    pub(crate) path: Arc<str>,
    /// Has it a wildcard?
    pub(crate) wild: bool,
}

impl Filter {
    /// `None` if MQTT does not allow it, or if it is deeper than any walk should go.
    pub(crate) fn parse(text: &str) -> Option<Filter> {
        let (share, path) = match text.strip_prefix("$share/") {
            Some(rest) => {
                let (group, path) = rest.split_once('/')?;
                if group.is_empty() || group.contains(['+', '#']) {
                    return None;
                }
                (Some(Arc::from(group)), path)
            }
            None => (None, text),
        };
        is_filter(path).then(|| Filter { share, path: Arc::from(path), wild: path.contains(['+', '#']) })
    }

    /// All topics that it can match begin with this.
    pub(crate) fn prefix(&self) -> &str {
        match self.path.find(['+', '#']) {
            Some(at) if self.path[at..].starts_with('#') => self.path[..at].trim_end_matches('/'),
            Some(at) => &self.path[..at],
            None => &self.path,
        }
    }

    pub(crate) fn matches(&self, topic: &str) -> bool {
        if topic.starts_with('$') && self.path.starts_with(['+', '#']) {
            return false;
        }
        let mut levels = topic.split('/');
        for part in self.path.split('/') {
            match (part, levels.next()) {
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (part, Some(level)) if part == level => {}
                _ => return false,
            }
        }
        levels.next().is_none()
    }
}

fn is_filter(path: &str) -> bool {
    if path.is_empty() || path.len() > usize::from(u16::MAX) || path.contains('\0') {
        return false;
    }
    let mut levels = path.split('/').peekable();
    let mut depth = 0;
    while let Some(level) = levels.next() {
        depth += 1;
        let last = levels.peek().is_none();
        let valid = match level {
            "+" => true,
            "#" => last,
            _ => !level.contains(['+', '#']),
        };
        if !valid || depth > MAX_LEVELS {
            return false;
        }
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn filters_of_the_standard() {
        for valid in ["#", "+", "/", "a/#", "+/+", "/+", "a//b", "sport/tennis/+", "$SYS/#", "$share/g/a/+"] {
            assert!(Filter::parse(valid).is_some(), "{valid}");
        }
        for invalid in ["", "a#", "a/#/b", "a+", "+a/b", "a/b#", "#/a", "a\0b", "$share/g", "$share//a", "$share/g/"] {
            assert!(Filter::parse(invalid).is_none(), "{invalid}");
        }
        for (invalid, why) in [("$share/+/a", "wildcard in group"), ("$share/g/a#", "filter of a group")] {
            assert!(Filter::parse(invalid).is_none(), "{why}");
        }
        assert!(Filter::parse(&"a/".repeat(MAX_LEVELS)).is_none());
    }

    #[test]
    fn topics_that_may_be_published_to() {
        assert!(is_publishable("quote/BTC%2FUSD") && is_publishable("é/x"));
        for refused in ["", "$SYS/x", "a/+", "#", "a\0"] {
            assert!(!is_publishable(refused), "{refused:?}");
        }
    }

    #[test]
    fn dollar_topics_are_hidden_from_leading_wildcards() {
        let matches = |filter: &str, topic: &str| Filter::parse(filter).unwrap().matches(topic);
        assert!(!matches("#", "$SYS/x"));
        assert!(!matches("+/x", "$SYS/x"));
        assert!(matches("$SYS/#", "$SYS/x"));
    }

    /// The letter of the standard, level by level, with no cleverness.
    fn reference(filter: &[&str], topic: &[&str]) -> bool {
        match (filter, topic) {
            (["#"], _) | ([], []) => true,
            ([first, filter @ ..], [level, topic @ ..]) if *first == "+" || first == level => reference(filter, topic),
            _ => false,
        }
    }

    fn path(parts: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(parts), 1..6).prop_map(|levels| levels.join("/"))
    }

    proptest! {
        #[test]
        fn matching_agrees_with_the_reference(filter in path(&["a", "b", "", "+", "#"]), topic in path(&["a", "b", ""])) {
            let Some(parsed) = Filter::parse(&filter) else { return Ok(()) };
            let expected = reference(&filter.split('/').collect::<Vec<_>>(), &topic.split('/').collect::<Vec<_>>());
            prop_assert_eq!(parsed.matches(&topic), expected);
            prop_assert!(!expected || topic.starts_with(parsed.prefix()));
        }

        #[test]
        fn no_text_upsets_the_parser(text in ".{0,40}") {
            if let Some(filter) = Filter::parse(&text) {
                filter.matches(&text);
                filter.prefix();
            }
        }
    }
}
