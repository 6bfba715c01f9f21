//! What the window may ask: each command checks its input, asks a service, and answers. No rule lives here.
#![allow(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
#![expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its state by value")]

pub mod settings;
pub mod system;

use std::collections::BTreeSet;

use market::{
    Alert, AlertDraft, Edit, History, Instrument, LogEdit, LogEntry, MarketHours, MarketList, MuteFor, Preferences,
    PreferencesChange, ProviderKey, Quote, Range, StreamMessage, Symbol, Watchlist, watchlist::WATCHLIST_SYMBOLS_MAX,
};
use quickstocks_server::mqtt_stats::MqttStats;
use quote_engine::{
    desk::DeskError,
    feed::{HOURS_MAX, SPARKS_MAX},
    secrets::SecretString,
};
use tauri::{State, WebviewWindow, ipc::Channel};

use crate::{
    desktop::{AppInfo, Desktop, Open, TopPick},
    error::UiError,
};

/// The longest text searched for, in characters.
const SEARCH_MAX: usize = 100;

type Result<T> = std::result::Result<T, UiError>;

/// What this program is and how it is doing.
#[tauri::command]
#[specta::specta]
pub fn app_info(desktop: State<'_, Desktop>) -> AppInfo {
    desktop.info()
}

/// What a click asked for before the page was there; told once.
#[tauri::command]
#[specta::specta]
pub fn asked_for(desktop: State<'_, Desktop>) -> Option<Open> {
    desktop.asked_for()
}

/// Listens for MQTT on this port, where another program has the configured one.
#[tauri::command]
#[specta::specta]
pub async fn use_mqtt_port(desktop: State<'_, Desktop>, port: u16) -> Result<AppInfo> {
    desktop.use_mqtt_port(port).await
}

/// What the broker inside has counted; nothing where another one is used.
#[tauri::command]
#[specta::specta]
pub fn mqtt_stats(desktop: State<'_, Desktop>) -> Option<MqttStats> {
    desktop.mqtt_stats()
}

/// The topic on which a symbol's quotes are published.
#[tauri::command]
#[specta::specta]
pub fn quote_topic(desktop: State<'_, Desktop>, symbol: String) -> Result<String> {
    Ok(desktop.quote_topic(Symbol::parse(&symbol)?))
}

/// Instruments whose symbol or name fits.
#[tauri::command]
#[specta::specta]
pub async fn search(desktop: State<'_, Desktop>, query: String) -> Result<Vec<Instrument>> {
    Ok(desktop.feed().search(search_text(&query)?).await?)
}

/// The latest quotes of these symbols; what nobody follows is fetched.
#[tauri::command]
#[specta::specta]
pub async fn quotes(desktop: State<'_, Desktop>, symbols: Vec<String>) -> Result<Vec<Quote>> {
    let looked = desktop.feed().look(symbol_set(&symbols)?).await;
    match looked.unknown.as_slice() {
        [unknown, ..] if looked.quotes.is_empty() => Err(UiError::not_found(format!("there is no symbol {unknown}"))),
        _ => Ok(looked.quotes),
    }
}

/// The bars of a symbol.
#[tauri::command]
#[specta::specta]
pub async fn history(desktop: State<'_, Desktop>, symbol: String, range: Range) -> Result<History> {
    Ok(desktop.feed().history(&Symbol::parse(&symbol)?, range).await?)
}

/// The day's courses of these symbols, for small charts; what has none yet is left out.
#[tauri::command]
#[specta::specta]
pub async fn sparks(desktop: State<'_, Desktop>, symbols: Vec<String>) -> Result<Vec<History>> {
    Ok(desktop.feed().sparks(spark_set(&symbols)?).await)
}

/// When regular trading in these symbols begins or ends next; what nobody knows is left out.
#[tauri::command]
#[specta::specta]
pub async fn hours(desktop: State<'_, Desktop>, symbols: Vec<String>) -> Result<Vec<MarketHours>> {
    Ok(desktop.feed().hours(hours_set(&symbols)?).await)
}

/// What a list of the market names at the moment.
#[tauri::command]
#[specta::specta]
pub async fn market_list(desktop: State<'_, Desktop>, list: MarketList) -> Result<Vec<Instrument>> {
    Ok(desktop.feed().list(list).await?)
}

/// The user's watchlists, in their order.
#[tauri::command]
#[specta::specta]
pub fn watchlists(desktop: State<'_, Desktop>) -> Result<Vec<Watchlist>> {
    Ok(desktop.profile()?.watchlists)
}

/// Puts a whole list in place of the one of its name, or at the end.
#[tauri::command]
#[specta::specta]
pub async fn put_watchlist(desktop: State<'_, Desktop>, list: Watchlist) -> Result<()> {
    desktop.edit(Edit::PutWatchlist { list }).await
}

/// Removes a list.
#[tauri::command]
#[specta::specta]
pub async fn remove_watchlist(desktop: State<'_, Desktop>, name: String) -> Result<()> {
    desktop.edit(Edit::RemoveWatchlist { name }).await
}

/// Follows a symbol on a list.
#[tauri::command]
#[specta::specta]
pub async fn follow(desktop: State<'_, Desktop>, list: String, symbol: String) -> Result<()> {
    desktop.edit(Edit::Follow { list, symbol: Symbol::parse(&symbol)? }).await
}

/// Takes a symbol off a list.
#[tauri::command]
#[specta::specta]
pub async fn unfollow(desktop: State<'_, Desktop>, list: String, symbol: String) -> Result<()> {
    desktop.edit(Edit::Unfollow { list, symbol: Symbol::parse(&symbol)? }).await
}

/// The user's alerts, in the order they were made.
#[tauri::command]
#[specta::specta]
pub fn alerts(desktop: State<'_, Desktop>) -> Result<Vec<Alert>> {
    Ok(desktop.profile()?.alerts)
}

/// Makes an alert and gives it an id.
#[tauri::command]
#[specta::specta]
pub async fn add_alert(desktop: State<'_, Desktop>, draft: AlertDraft) -> Result<Alert> {
    let alert = draft.with_id(format!("{:016x}", rand::random::<u64>()));
    let id = alert.id.clone();
    desktop.edit(Edit::PutAlert { alert }).await?;
    // The desk has given it its dates.
    Ok(desktop.profile()?.alert(&id).map_err(DeskError::from)?.clone())
}

/// Puts an alert in place of the one of its id.
#[tauri::command]
#[specta::specta]
pub async fn put_alert(desktop: State<'_, Desktop>, alert: Alert) -> Result<()> {
    desktop.profile()?.alert(&alert.id).map_err(DeskError::from)?;
    desktop.edit(Edit::PutAlert { alert }).await
}

/// Removes an alert.
#[tauri::command]
#[specta::specta]
pub async fn remove_alert(desktop: State<'_, Desktop>, id: String) -> Result<()> {
    desktop.edit(Edit::RemoveAlert { id }).await
}

/// Delivers no alerts for a symbol, for as long as is asked for.
#[tauri::command]
#[specta::specta]
pub async fn mute(desktop: State<'_, Desktop>, symbol: String, how_long: MuteFor) -> Result<()> {
    desktop.mute(Symbol::parse(&symbol)?, how_long).await
}

/// Delivers a symbol's alerts again.
#[tauri::command]
#[specta::specta]
pub async fn unmute(desktop: State<'_, Desktop>, symbol: String) -> Result<()> {
    desktop.edit(Edit::Unmute { symbol: Symbol::parse(&symbol)? }).await
}

/// What fired, newest first.
#[tauri::command]
#[specta::specta]
pub async fn alert_log(desktop: State<'_, Desktop>) -> Result<Vec<LogEntry>> {
    Ok(desktop.desk().alert_log(desktop.user()).await?.entries().cloned().collect())
}

/// Marks every entry of the alert log as read.
#[tauri::command]
#[specta::specta]
pub async fn mark_all_read(desktop: State<'_, Desktop>) -> Result<()> {
    desktop.edit_log(LogEdit::MarkAllRead).await
}

/// Forgets every entry of the alert log.
#[tauri::command]
#[specta::specta]
pub async fn clear_alert_log(desktop: State<'_, Desktop>) -> Result<()> {
    desktop.edit_log(LogEdit::Clear).await
}

/// The symbols most users follow.
#[tauri::command]
#[specta::specta]
pub fn top_picks(desktop: State<'_, Desktop>) -> Vec<TopPick> {
    desktop.top_picks()
}

/// What the user chose that is no list and no alert.
#[tauri::command]
#[specta::specta]
pub fn preferences(desktop: State<'_, Desktop>) -> Result<Preferences> {
    Ok(desktop.profile()?.preferences)
}

/// Changes what is named of the preferences; the whole of them afterwards.
#[tauri::command]
#[specta::specta]
pub async fn change_preferences(desktop: State<'_, Desktop>, change: PreferencesChange) -> Result<Preferences> {
    desktop.change_preferences(change).await
}

/// Asks the provider again at once.
#[tauri::command]
#[specta::specta]
pub async fn retry_now(desktop: State<'_, Desktop>) -> Result<()> {
    desktop.feed().retry_now().await;
    Ok(())
}

/// Which providers take a key, whether one is set, and where; never the key.
#[tauri::command]
#[specta::specta]
pub async fn provider_keys(desktop: State<'_, Desktop>) -> Result<Vec<ProviderKey>> {
    Ok(desktop.secrets().provider_keys().await)
}

/// Keeps a provider's key in the system's keychain, in place of the one before.
#[tauri::command]
#[specta::specta]
pub async fn set_provider_key(desktop: State<'_, Desktop>, provider: String, key: String) -> Result<()> {
    Ok(desktop.secrets().set_provider_key(&provider, &SecretString::from(key)).await?)
}

/// Removes a provider's key from the system's keychain.
#[tauri::command]
#[specta::specta]
pub async fn remove_provider_key(desktop: State<'_, Desktop>, provider: String) -> Result<()> {
    Ok(desktop.secrets().remove_provider_key(&provider).await?)
}

/// Streams what changes into a channel, a snapshot first. A later call ends an earlier one of the same window.
#[tauri::command]
#[specta::specta]
pub async fn stream(desktop: State<'_, Desktop>, window: WebviewWindow, channel: Channel<StreamMessage>) -> Result<()> {
    desktop.stream_into(window.label(), move |message| channel.send(message).is_ok());
    Ok(())
}

/// What a user typed, within bounds.
pub fn search_text(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.chars().nth(SEARCH_MAX).is_some() {
        return Err(UiError::invalid(format!("a search has at most {SEARCH_MAX} characters")));
    }
    Ok(text)
}

/// Symbols as the window names them, within bounds.
pub fn symbol_set(symbols: &[String]) -> Result<BTreeSet<Symbol>> {
    symbols_up_to(WATCHLIST_SYMBOLS_MAX, symbols)
}

/// Symbols of small charts, within bounds.
pub fn spark_set(symbols: &[String]) -> Result<BTreeSet<Symbol>> {
    symbols_up_to(SPARKS_MAX, symbols)
}

/// Symbols whose market hours are asked for, within bounds.
fn hours_set(symbols: &[String]) -> Result<BTreeSet<Symbol>> {
    symbols_up_to(HOURS_MAX, symbols)
}

fn symbols_up_to(most: usize, symbols: &[String]) -> Result<BTreeSet<Symbol>> {
    if symbols.len() > most {
        return Err(UiError::invalid(format!("at most {most} symbols at once")));
    }
    symbols.iter().map(|symbol| Ok(Symbol::parse(symbol)?)).collect()
}
