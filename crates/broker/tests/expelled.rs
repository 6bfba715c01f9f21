//! Sessions end when the login that they were let in with is no more what it was.
#![allow(clippy::unwrap_used)]

mod common;

use broker::Identity;
use common::{Connect, Raw, Server, next, until};

fn mine(level: u8, id: &str) -> Connect<'_> {
    let properties: &[u8] = if level == 5 { &[0x11, 0, 0, 14, 16] } else { &[] };
    Connect { level, id, clean: false, properties, login: Some(("me", "pw")), ..Connect::default() }
}

fn me() -> Identity {
    Identity::User("me".into())
}

async fn connected(server: &Server, connect: Connect<'_>) -> Raw {
    let mut raw = server.raw().await;
    raw.connect(connect).await;
    raw
}

#[tokio::test]
async fn sessions_end_and_say_why_and_nobody_elses_do() {
    let server = Server::start().await;
    let mut watch = server.client(4, "watch").await;
    watch.subscribe(&[("open/+", 0)]).await;
    let will = Connect { will: Some(("open/will", "gone", false)), ..mine(5, "five") };
    let mut five = connected(&server, will).await;
    let mut four = connected(&server, mine(4, "four")).await;
    let you = Connect { login: Some(("you", "pw")), ..mine(5, "five") };
    let mut you = connected(&server, you).await;
    server.broker.expel(&me());
    five.expect(0xe0, &[0x87, 0]).await;
    five.end().await;
    four.end().await;
    you.silence().await;
    until(|| server.broker.stats().sessions == 2).await;
    assert_eq!(server.broker.stats().parked, 0, "none of them is kept");
    server.publish("open/then", "no will came before").await;
    assert_eq!(watch.text().await.0, "open/then");
    // Whoever still has a login comes back, and finds nothing.
    connected(&server, mine(5, "five")).await.silence().await;
}

#[tokio::test]
async fn what_was_kept_is_gone_with_its_will() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    let will =
        Connect { will: Some(("open/will", "gone", false)), will_properties: &[0x18, 0, 0, 14, 16], ..mine(5, "away") };
    let mut away = connected(&server, will).await;
    away.subscribe_with(&[], &[("user/me/alert", 1)]).await;
    drop(away);
    until(|| server.broker.stats().parked == 1).await;
    server.publish("user/me/alert", "for me").await;
    server.broker.expel(&me());
    until(|| server.broker.stats().parked == 0 && server.broker.stats().subscriptions == 1).await;
    connected(&server, mine(5, "away")).await.silence().await;
    server.publish("open/then", "no will came before").await;
    assert_eq!(next(&mut inside).await.0, "open/then");
}

/// What was right when its check began may be no more when it ends.
#[tokio::test]
async fn who_was_on_the_way_in_stays_outside() {
    let server = Server::start().await;
    let mut early = server.raw().await;
    // It has been accepted, for connections are in order.
    connected(&server, mine(4, "other")).await.leave().await;
    server.broker.expel(&me());
    assert_eq!(early.refused(mine(5, "early")).await, 0x86);
    connected(&server, mine(5, "early")).await.silence().await;
}
