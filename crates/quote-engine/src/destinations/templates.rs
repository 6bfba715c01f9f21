//! What each place reads of a message. Pure. Whatever a symbol, a name or a currency says is text there: it mentions nobody,
//! links nowhere, and ends no line that it did not begin.

use serde_json::{Value, json};

use super::message::Message;

/// Characters of a chat's message at the most: the least that any of them takes is Discord's 2,000.
const CHAT_MAX: usize = 1_800;
/// Of a short message: what fits into three of them.
const SMS_MAX: usize = 200;
/// Of the text of a browser's notification: with all else, it fits into one message of a push service.
const PUSH_MAX: usize = 400;
/// Of a subject.
const SUBJECT_MAX: usize = 200;
/// Stands behind an `@` that is to mention nobody; it is not seen.
const NOBODY: char = '\u{200b}';

/// Of a webhook, as Standard Webhooks have it: what happened, when, and all there is to know of it.
pub(super) fn webhook(message: &Message) -> Value {
    use market::LogEvent;
    let (kind, of_event) = match &message.event {
        Some(LogEvent::Alert(fired)) => ("alert.fired", json!(fired)),
        Some(LogEvent::Digest(digest)) => ("digest.made", json!(digest)),
        None => ("test", json!({})),
    };
    let mut data = of_event;
    (data["title"], data["text"]) = (json!(message.title), json!(message.body));
    json!({"type": kind, "timestamp": message.at, "data": data})
}

/// Of ntfy: as JSON, so that nothing stands in a header.
pub(super) fn ntfy(message: &Message, topic: &str) -> Value {
    json!({"topic": topic, "title": one_line(&message.title, SUBJECT_MAX), "message": shortened(&message.body, CHAT_MAX)})
}

/// Of Slack: its three special characters are written as entities, and nothing is styled.
pub(super) fn slack(message: &Message) -> Value {
    let text = unmentioning(&together(message, CHAT_MAX));
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({"text": text, "mrkdwn": false, "parse": "none", "link_names": false, "unfurl_links": false})
}

/// Of Discord: what styles or links is written with a backslash, and nobody may be mentioned.
pub(super) fn discord(message: &Message) -> Value {
    /// Suppresses what is embedded for links.
    const NO_EMBEDS: u32 = 1 << 2;
    let mut text = String::new();
    for c in unmentioning(&together(message, CHAT_MAX / 2)).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '%' | '\'' | '@' | '&') {
            text.push('\\');
        }
        text.push(c);
    }
    json!({"content": text, "allowed_mentions": {"parse": []}, "flags": NO_EMBEDS})
}

/// Of Telegram: plain text, without a preview of links.
pub(super) fn telegram(message: &Message, chat: &str) -> Value {
    let text = unmentioning(&together(message, CHAT_MAX));
    json!({"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": true}})
}

/// Of a browser: title and text.
pub(super) fn push(message: &Message) -> (String, String) {
    (one_line(&message.title, SUBJECT_MAX), shortened(&message.body, PUSH_MAX))
}

/// Of a short message.
pub(super) fn sms(message: &Message) -> String {
    one_line(&together(message, SMS_MAX), SMS_MAX)
}

/// The subject of a letter: one line, so that it begins no other header.
pub(super) fn subject(message: &Message) -> String {
    one_line(&message.title, SUBJECT_MAX)
}

fn together(message: &Message, most: usize) -> String {
    shortened(&format!("{}\n{}", message.title, message.body), most)
}

fn one_line(text: &str, most: usize) -> String {
    super::quoted(text, most)
}

/// So many characters at the most; lines stay, other controls do not.
fn shortened(text: &str, most: usize) -> String {
    let mut plain = text.chars().filter(|c| *c == '\n' || !c.is_control());
    let mut short: String = plain.by_ref().take(most).collect();
    if plain.next().is_some() {
        short.push('…');
    }
    short
}

fn unmentioning(text: &str) -> String {
    text.replace('@', &format!("@{NOBODY}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(title: &str, body: &str) -> Message {
        let at = "2026-11-25T12:00:00Z".parse().unwrap();
        Message { id: "1".into(), title: title.into(), body: body.into(), rule: None, language: "en", event: None, at }
    }

    /// What a chat shows of a text in which a backslash stands before what it is to show as it is.
    fn unescaped(text: &str) -> String {
        let mut shown = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            shown.extend(if c == '\\' { chars.next() } else { Some(c) });
        }
        shown
    }

    #[test]
    fn a_test_and_a_plain_alert_read_as_they_should() {
        let message = message("▲ AAPL above 250.00", "250.02 USD, +2.22 % today. 10:42 EST");
        assert_eq!(slack(&message)["text"], "▲ AAPL above 250.00\n250.02 USD, +2.22 % today. 10:42 EST");
        assert_eq!(discord(&message)["content"], "▲ AAPL above 250.00\n250.02 USD, \\+2.22 % today. 10\\:42 EST");
        assert_eq!(telegram(&message, "-1")["chat_id"], "-1");
        assert_eq!(ntfy(&message, "t")["title"], "▲ AAPL above 250.00");
        assert_eq!(sms(&message), "▲ AAPL above 250.00 250.02 USD, +2.22 % today. 10:42 EST");
        assert_eq!(webhook(&message)["type"], "test");
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_is_linked() {
        let hostile =
            message("<!channel> <@U123> @everyone", "[x](https://evil.example) **b** `c` <https://evil.example|y>");
        let slack = slack(&hostile)["text"].as_str().unwrap().to_owned();
        assert!(!slack.contains(['<', '>']) && !slack.contains("@everyone"), "{slack}");
        let discord = discord(&hostile);
        assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
        let text = discord["content"].as_str().unwrap();
        assert!(!text.contains("@everyone") && text.contains("\\[x\\]\\(https\\:"), "{text}");
        assert!(!telegram(&hostile, "1")["text"].as_str().unwrap().contains("@everyone"));
    }

    proptest! {
        #[test]
        fn whatever_a_name_says_is_text(title in "\\PC{0,300}|[<>@&*_`~|\\[\\]()\\\\#\\r\\n\\u{0}a]{0,400}", body in "(?s).{0,3000}") {
            let message = message(&title, &body);
            let slack = slack(&message)["text"].as_str().unwrap().to_owned();
            prop_assert!(!slack.contains(['<', '>']));
            for entity in slack.match_indices('&').map(|(at, _)| &slack[at..]) {
                prop_assert!(["&amp;", "&lt;", "&gt;"].iter().any(|known| entity.starts_with(known)));
            }
            let telegram = telegram(&message, "1")["text"].as_str().unwrap().to_owned();
            let discord = discord(&message)["content"].as_str().unwrap().to_owned();
            prop_assert!(discord.chars().count() <= 2_000 && telegram.chars().count() <= 4_096);
            for text in [&slack, &telegram, &unescaped(&discord)] {
                for (at, _) in text.match_indices('@') {
                    prop_assert!(text[at + 1..].starts_with(NOBODY));
                }
            }
            // Each mark that means something there stands behind a backslash.
            let bare = discord.chars().fold((false, false), |(escaped, found), c| {
                (c == '\\' && !escaped, found || (!escaped && "*_`~|[]()<>#".contains(c)))
            });
            prop_assert!(!bare.1);
            for line in [subject(&message), sms(&message), ntfy(&message, "t")["title"].as_str().unwrap().to_owned()] {
                prop_assert!(!line.contains(char::is_control) && line.chars().count() <= SUBJECT_MAX + 1);
            }
        }
    }
}
