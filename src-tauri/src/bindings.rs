//! The commands, events and types of the window, for Tauri and for TypeScript.

use std::path::Path;

use specta_typescript::{Typescript, semantic};
use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::{commands, desktop};

/// First line of the generated file.
const HEADER: &str = "// Generated from the Rust sources: `npm run bindings` writes it anew. Do not edit.\n";

/// Everything the window can call and hear.
pub fn builder() -> Builder<Wry> {
    // Prices are never NaN or infinite (the market types see to it), so a number is a number, not `number | null`.
    let numbers = semantic::Configuration::empty().enable_lossless_floats();
    Builder::new()
        .semantic_types(numbers)
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
        .commands(collect_commands![
            commands::app_info,
            commands::asked_for,
            commands::search,
            commands::quotes,
            commands::history,
            commands::watchlists,
            commands::put_watchlist,
            commands::remove_watchlist,
            commands::follow,
            commands::unfollow,
            commands::alerts,
            commands::add_alert,
            commands::put_alert,
            commands::remove_alert,
            commands::top_picks,
            commands::preferences,
            commands::set_preferences,
            commands::retry_now,
            commands::stream,
        ])
        .events(collect_events![desktop::OpenSymbol])
}

/// Writes them for TypeScript.
pub fn export(path: &Path) -> Result<(), specta_typescript::Error> {
    builder().export(Typescript::default().header(HEADER), path)
}
