//! Which destinations are taken, and where an alert goes.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{AlertDraft, Edit, Edited, UserName};

fn destination(id: &str, to: impl serde::Serialize) -> Destination {
    serde_json::from_value(json!({"id": id, "name": id, "enabled": true, "to": to})).unwrap()
}

fn put(profile: &mut Profile, to: impl serde::Serialize) -> Result<Edited, EditError> {
    profile.apply(Edit::PutDestination { destination: destination("a", to) })
}

fn field(outcome: Result<Edited, EditError>) -> Option<&'static str> {
    outcome.err().and_then(|error| if let EditError::Destination { field } = error { Some(field.path()) } else { None })
}

#[test]
fn what_is_no_place_is_refused_by_its_field() {
    let mut profile = Profile::new(UserName::me());
    for bad in
        ["me", "me@", "@x", "a b@x", "a\r\nBcc: c@d", "a@x\n", "a..b@x", "a@-x", "a@x.", "<a@x>", "a@b,c@d", "ä@x"]
    {
        assert_eq!(field(put(&mut profile, json!({"kind": "email", "address": bad}))), Some("to.address"), "{bad:?}");
    }
    for bad in ["", "ftp://x", "https://", "https:// x", "https://me:pw@x/", "https://x/\r\nHost: y", "https://ö/"] {
        assert_eq!(field(put(&mut profile, json!({"kind": "webhook", "url": bad}))), Some("to.url"), "{bad:?}");
    }
    let ntfy = |server, topic| json!({"kind": "ntfy", "server": server, "topic": topic});
    assert_eq!(field(put(&mut profile, ntfy("x", "t"))), Some("to.server"));
    assert_eq!(field(put(&mut profile, ntfy("https://x", "a/b"))), Some("to.topic"));
    for bad in ["", "-", "me", "@me", "@1abcd", "1-2"] {
        assert_eq!(field(put(&mut profile, json!({"kind": "telegram", "chat": bad}))), Some("to.chat"), "{bad:?}");
    }
    for bad in ["0170123456", "+0170123456", "+49 170 1234", "+49170", "+4917012345678901"] {
        assert_eq!(field(put(&mut profile, json!({"kind": "sms", "number": bad}))), Some("to.number"), "{bad:?}");
    }
    assert!(profile.destinations.is_empty());
}

#[test]
fn each_kind_is_taken_and_read_back() {
    let mut profile = Profile::new(UserName::me());
    for to in [
        json!({"kind": "email", "address": "me+ticker@mail.example.org"}),
        json!({"kind": "webhook", "url": "http://[::1]:8080/hook?a=b"}),
        json!({"kind": "ntfy", "server": "https://ntfy.sh", "topic": "my_topic-1"}),
        json!({"kind": "slack"}),
        json!({"kind": "discord"}),
        json!({"kind": "telegram", "chat": "-1001234567890"}),
        json!({"kind": "telegram", "chat": "@my_channel"}),
        json!({"kind": "sms", "number": "+491701234567"}),
    ] {
        let edited = put(&mut profile, to.clone());
        assert!(matches!(edited, Ok(Edited::Created | Edited::Changed)), "{to}: {edited:?}");
        assert_eq!(put(&mut profile, to.clone()), Ok(Edited::Unchanged));
        assert_eq!(serde_json::to_value(&profile.destinations[0].to).unwrap(), to);
    }
}

#[test]
fn they_are_bounded_in_number_and_name() {
    let mut profile = Profile::new(UserName::me());
    let mut put = |id: &str, name: &str| {
        let destination = Destination { name: name.into(), ..destination(id, json!({"kind": "slack"})) };
        profile.apply(Edit::PutDestination { destination })
    };
    assert_eq!(field(put("a", " ")), Some("name"));
    assert_eq!(field(put("a", "two\nlines")), Some("name"));
    assert_eq!(field(put("a", &"é".repeat(DESTINATION_NAME_MAX + 1))), Some("name"));
    assert_eq!(field(put("a/b", "a")), Some("id"));
    for n in 0..DESTINATIONS_MAX {
        assert_eq!(put(&n.to_string(), " x "), Ok(Edited::Created));
    }
    assert_eq!(put("one more", "x"), Err(EditError::Destination { field: DestinationField::Id }));
    assert_eq!(put("more", "x"), Err(EditError::TooManyDestinations));
    assert_eq!(put("0", "y"), Ok(Edited::Changed));
    assert_eq!((profile.destinations.len(), profile.destinations[1].name.as_str()), (DESTINATIONS_MAX, "x"));
}

#[test]
fn an_alert_goes_where_it_says_else_everywhere_that_is_on() {
    let mut profile = Profile::new(UserName::me());
    for id in ["a", "b", "off"] {
        let destination = Destination { enabled: id != "off", ..destination(id, json!({"kind": "slack"})) };
        profile.apply(Edit::PutDestination { destination }).unwrap();
    }
    let mut alert = |id: &str, destinations: Option<&[&str]>| {
        let draft =
            json!({"symbol": "AAPL", "condition": {"kind": "above", "value": 1.0}, "destinations": destinations});
        let draft: AlertDraft = serde_json::from_value(draft).unwrap();
        profile.apply(Edit::PutAlert { alert: draft.with_id(id.into()) })
    };
    alert("all", None).unwrap();
    alert("some", Some(&["b", "off"])).unwrap();
    alert("none", Some(&[])).unwrap();
    alert("twice", Some(&["a", "a"])).unwrap();
    assert_eq!(alert("gone", Some(&["c"])), Err(EditError::NoDestination("c".into())));
    assert_eq!(profile.alert("twice").unwrap().destinations.as_deref(), Some(&["a".to_owned()][..]));
    let of = |profile: &Profile, id: &str| profile.destinations_of(id).map(|to| to.id.clone()).collect::<Vec<_>>();
    assert_eq!(of(&profile, "all"), ["a", "b"]);
    assert_eq!(of(&profile, "day-move"), ["a", "b"], "an alert that stands nowhere");
    assert_eq!(of(&profile, "some"), ["b"]);
    assert!(of(&profile, "none").is_empty());
    profile.apply(Edit::RemoveDestination { id: "b".into() }).unwrap();
    assert!(of(&profile, "some").is_empty(), "what named it names nothing else instead");
    assert_eq!(profile.alert("some").unwrap().destinations.as_deref(), Some(&["off".to_owned()][..]));
    assert_eq!(profile.apply(Edit::RemoveDestination { id: "b".into() }), Err(EditError::NoDestination("b".into())));
    profile.apply(Edit::StartOver).unwrap();
    assert_eq!(profile.destinations.len(), 2, "they stay, as preferences do");
}

proptest! {
    /// No address that is taken can end a line, begin another one, or carry a login.
    #[test]
    fn what_is_taken_is_one_plain_word(text in "\\PC{0,20}[@:/]{0,3}[a-z.\\r\\n ,<>@]{0,20}") {
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_email(&text) {
            prop_assert!(is_word(&text) && !text.contains([',', '<', '>', ';', ':']) && text.matches('@').count() == 1);
        }
        if is_url(&text) {
            prop_assert!(is_word(&text));
        }
        prop_assert!(!is_chat(&text) || is_word(&text));
    }
}
