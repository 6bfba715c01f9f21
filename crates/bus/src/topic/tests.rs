//! Topics, both ways.

use proptest::prelude::*;

use super::*;

fn topics() -> Topics {
    Topics::new("quickstocks/v1", false)
}

#[test]
fn writes_the_documented_topics() {
    let quote = |text: &str| topics().format(&Topic::Quote(Symbol::parse(text).unwrap()));
    assert_eq!(quote("AAPL"), "quickstocks/v1/quote/AAPL");
    assert_eq!(quote("BTC/USD"), "quickstocks/v1/quote/BTC%2FUSD");
    assert_eq!(quote("^GSPC"), "quickstocks/v1/quote/^GSPC");
    assert_eq!(quote("VOD.L"), "quickstocks/v1/quote/VOD.L");
    let nats = Topics::new("quickstocks/v1", true);
    assert_eq!(nats.format(&Topic::Price(Symbol::parse("VOD.L").unwrap())), "quickstocks/v1/price/VOD%2EL");
}

#[test]
fn only_the_canonical_text_is_read() {
    for odd in [
        "quickstocks/v1/quote/aapl",
        "quickstocks/v1/quote/%41APL",
        "quickstocks/v1/quote/%",
        "quote/AAPL",
        "quickstocks/v1/quote/A/B",
        "quickstocks/v1/user/Me/alert",
        "quickstocks/v1/quote/",
        "quickstocks/v1",
    ] {
        assert_eq!(topics().parse(odd), None, "{odd}");
    }
}

proptest! {
    #[test]
    fn any_symbol_comes_back(text in "\\PC{1,40}", dots: bool) {
        let topics = Topics::new("quickstocks/v1", dots);
        if let Ok(symbol) = Symbol::parse(&text) {
            for topic in [
                Topic::Quote(symbol.clone()),
                Topic::Price(symbol.clone()),
                Topic::UserQuote(UserName::me(), symbol.clone()),
                Topic::Feed(UserName::me(), symbol.clone()),
                Topic::UserFeed(UserName::me(), symbol.clone()),
                Topic::Watchlists(UserName::me()),
                Topic::Alert(UserName::me()),
                Topic::Digest(UserName::me()),
                Topic::AlertLog(UserName::me()),
                Topic::Provider(symbol.to_string()),
                Topic::Status { service: "quote".into(), instance: symbol.to_string() },
                Topic::Announcement(Component::Sensor, topics.home_id(&symbol)),
                Topic::HomeAssistant,
                Topic::Command(symbol.to_string()),
                Topic::Reply(symbol.to_string()),
                Topic::Account(UserName::me()),
                Topic::Users,
                Topic::Following,
                Topic::Beat { service: symbol.to_string(), instance: "a".into() },
            ] {
                let written = topics.format(&topic);
                prop_assert!(written.is_ascii() && !written.contains(['+', '#', '\0', ' ']));
                prop_assert!(!dots || !written.contains('.'));
                prop_assert_eq!(topics.conflates(&written), topic.is_conflated(), "{}", written);
                prop_assert_eq!(topics.parse(&written), Some(topic));
            }
        }
    }

    #[test]
    fn no_text_from_outside_is_trouble(text in ".*") {
        let _ = (topics().parse(&text), topics().conflates(&text));
        let _ = topics().parse(&format!("quickstocks/v1/quote/{text}"));
    }
}
