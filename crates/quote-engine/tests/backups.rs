//! States that are kept before something is lost, and the way back to them, with the real desk on a real disk.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use house::{House, Scripted, alert_above, symbol};
use market::{Edit, Edited, Profile, UserName, Watchlist, profile::DEFAULT_LIST};
use quote_engine::{backups::BACKUPS_FOLDER, desk::DeskError, feed::Source};

fn house() -> House {
    House::open(Source::only(Scripted::new("yahoo", &[])), &[], false)
}

fn present(house: &House) -> Profile {
    house.desk.profile(&UserName::me()).unwrap()
}

#[tokio::test]
async fn a_list_that_was_removed_comes_back_with_everything() {
    let (house, me) = (house(), UserName::me());
    house.apply(Edit::PutWatchlist { list: Watchlist::new("Europe", [symbol("SAP.DE"), symbol("VOD.L")]) }).await;
    house.apply(Edit::PutAlert { alert: alert_above("SAP.DE", 300.0, false) }).await;
    let before = present(&house);
    house.apply(Edit::RemoveWatchlist { name: "Europe".into() }).await;
    let kept = house.desk.backups(&me).await.unwrap();
    let told: Vec<_> = kept.backups.iter().map(|each| (each.lists, each.symbols, each.alerts)).collect();
    assert_eq!(told, [(2, 8, 1), (1, 6, 0)], "before the removal, and before the first edit of the day");
    assert_eq!(house.desk.restore(&me, &kept.backups[0].id).await.unwrap(), Edited::Changed);
    assert_eq!(present(&house), before);
    let newest = house.desk.backups(&me).await.unwrap().backups.remove(0);
    assert_eq!((newest.lists, newest.symbols), (1, 6), "the state before going back is kept too");
}

#[tokio::test]
async fn nothing_is_taken_away_where_the_state_before_cannot_be_kept() {
    let (house, me) = (house(), UserName::me());
    std::fs::write(house.folder.path().join(BACKUPS_FOLDER), "in the way").unwrap();
    house.apply(Edit::PutWatchlist { list: Watchlist::new("Europe", []) }).await;
    let refused = house.desk.apply(&me, Edit::RemoveWatchlist { name: "Europe".into() }).await.unwrap_err();
    assert!(refused.to_string().contains(BACKUPS_FOLDER), "{refused}");
    assert!(present(&house).watchlist("Europe").is_ok());
}

#[tokio::test]
async fn a_damaged_state_is_named_and_nobody_goes_back_to_it() {
    let (house, me) = (house(), UserName::me());
    house.apply(Edit::Follow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") }).await;
    let id = house.desk.backups(&me).await.unwrap().backups.remove(0).id;
    let path = house.folder.path().join(BACKUPS_FOLDER).join(format!("{id}.me.json"));
    std::fs::write(&path, "{").unwrap();
    let kept = house.desk.backups(&me).await.unwrap();
    assert_eq!((kept.backups.len(), kept.damaged), (0, vec![format!("{id}.me.json")]));
    for id in [id.as_str(), "nothing"] {
        assert!(matches!(house.desk.restore(&me, id).await, Err(DeskError::NoBackup(_))), "{id}");
    }
    assert!(present(&house).follows(&symbol("TSLA")));
}
