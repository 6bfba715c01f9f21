//! What the window may ask about lists as wholes, and about what belongs to their symbols. No rule lives here.
#![allow(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]

use std::collections::HashMap;

use market::{
    Backups, Edit, ExportFormat, Import, ImportChoice, ListView, Lot, Symbol, SymbolNote, Valuation,
    portable::{export, read_import as read},
};
use quote_engine::valuation;
use tauri::State;

use crate::{desktop::Desktop, error::UiError};

type Result<T> = std::result::Result<T, UiError>;

/// Gives a list another name; it keeps its place.
#[tauri::command]
#[specta::specta]
pub async fn rename_watchlist(desktop: State<'_, Desktop>, from: String, to: String) -> Result<()> {
    desktop.edit(Edit::RenameWatchlist { from, to }).await
}

/// Puts a list in another place among the lists, from 0.
#[tauri::command]
#[specta::specta]
pub async fn move_watchlist(desktop: State<'_, Desktop>, name: String, to: u32) -> Result<()> {
    desktop.edit(Edit::MoveWatchlist { name, to: to as usize }).await
}

/// Takes a symbol off one list and follows it on another, at a place or at the end.
#[tauri::command]
#[specta::specta]
pub async fn move_symbol(
    desktop: State<'_, Desktop>,
    from: String,
    to: String,
    symbol: String,
    at: Option<u32>,
) -> Result<()> {
    let at = at.map(|at| at as usize);
    desktop.edit(Edit::MoveSymbol { from, to, symbol: Symbol::parse(&symbol)?, at }).await
}

/// Says how a list is looked at.
#[tauri::command]
#[specta::specta]
pub async fn set_view(desktop: State<'_, Desktop>, name: String, view: ListView) -> Result<()> {
    desktop.edit(Edit::SetView { name, view }).await
}

/// What the user calls symbols and has written about them.
#[tauri::command]
#[specta::specta]
pub fn notes(desktop: State<'_, Desktop>) -> Result<HashMap<String, SymbolNote>> {
    Ok(desktop.profile()?.notes.into_iter().map(|(symbol, note)| (symbol.into(), note)).collect())
}

/// Names a symbol or writes about it; an empty note takes away the one there is.
#[tauri::command]
#[specta::specta]
pub async fn set_note(desktop: State<'_, Desktop>, symbol: String, note: SymbolNote) -> Result<()> {
    desktop.edit(Edit::SetNote { symbol: Symbol::parse(&symbol)?, note }).await
}

/// What the user holds, by symbol.
#[tauri::command]
#[specta::specta]
pub fn holdings(desktop: State<'_, Desktop>) -> Result<HashMap<String, Vec<Lot>>> {
    Ok(desktop.profile()?.holdings.into_iter().map(|(symbol, lots)| (symbol.into(), lots)).collect())
}

/// Says what is held of a symbol; no lots take it away.
#[tauri::command]
#[specta::specta]
pub async fn set_lots(desktop: State<'_, Desktop>, symbol: String, lots: Vec<Lot>) -> Result<()> {
    desktop.edit(Edit::SetLots { symbol: Symbol::parse(&symbol)?, lots }).await
}

/// What everything that is held is worth; summed up in a currency where one is chosen.
#[tauri::command]
#[specta::specta]
pub async fn valuation(desktop: State<'_, Desktop>, currency: Option<String>) -> Result<Valuation> {
    let holdings = desktop.profile()?.holdings;
    Ok(valuation::valued(desktop.feed(), &holdings, currency.as_deref()).await)
}

/// What a file holds, and what in it cannot be taken in. Nothing is changed by that.
#[tauri::command]
#[specta::specta]
pub async fn read_import(text: String) -> Result<Import> {
    found_in(&text)
}

fn found_in(text: &str) -> Result<Import> {
    read(text.as_bytes()).map_err(|error| UiError::invalid(error.to_string()))
}

/// Takes in what was chosen of a file.
#[tauri::command]
#[specta::specta]
pub async fn apply_import(desktop: State<'_, Desktop>, text: String, choice: ImportChoice) -> Result<()> {
    let import = Box::new(found_in(&text)?);
    desktop.edit(Edit::Import { import, choice }).await
}

/// What the user has, as the text of a file.
#[tauri::command]
#[specta::specta]
pub async fn export_lists(desktop: State<'_, Desktop>, format: ExportFormat) -> Result<String> {
    Ok(export(&desktop.profile()?, format))
}

/// The states that were kept, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn backups(desktop: State<'_, Desktop>) -> Result<Backups> {
    Ok(desktop.desk().backups(desktop.user()).await?)
}

/// Goes back to a state that was kept; the present one is kept before.
#[tauri::command]
#[specta::specta]
pub async fn restore_backup(desktop: State<'_, Desktop>, id: String) -> Result<()> {
    desktop.desk().restore(desktop.user(), &id).await?;
    Ok(())
}
