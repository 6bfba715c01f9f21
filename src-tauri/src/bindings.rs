//! The commands, events and types of the window, for Tauri and for TypeScript.

use std::{fs, path::Path};

use specta_typescript::{Typescript, semantic};
use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::{commands, desktop, destination_commands, list_commands};

/// First line of the generated file.
const HEADER: &str =
    "// Generated from the Rust sources: UPDATE_BINDINGS=1 cargo test -p quickstocks --test bindings. Do not edit.\n";

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
            commands::use_mqtt_port,
            commands::mqtt_stats,
            commands::quote_topic,
            commands::search,
            commands::quotes,
            commands::history,
            commands::sparks,
            commands::hours,
            commands::market_list,
            commands::watchlists,
            commands::put_watchlist,
            commands::remove_watchlist,
            commands::follow,
            commands::unfollow,
            commands::alerts,
            commands::add_alert,
            commands::put_alert,
            commands::remove_alert,
            commands::mute,
            commands::unmute,
            commands::alert_log,
            commands::mark_all_read,
            commands::clear_alert_log,
            commands::top_picks,
            commands::preferences,
            commands::change_preferences,
            commands::retry_now,
            commands::provider_keys,
            commands::set_provider_key,
            commands::remove_provider_key,
            commands::stream,
            list_commands::rename_watchlist,
            list_commands::move_watchlist,
            list_commands::move_symbol,
            list_commands::set_view,
            list_commands::notes,
            list_commands::set_note,
            list_commands::holdings,
            list_commands::set_lots,
            list_commands::valuation,
            list_commands::read_import,
            list_commands::apply_import,
            list_commands::export_lists,
            list_commands::backups,
            list_commands::restore_backup,
            destination_commands::destinations,
            destination_commands::put_destination,
            destination_commands::remove_destination,
            destination_commands::set_destination_secret,
            destination_commands::test_destination,
            destination_commands::undelivered,
            destination_commands::retry_undelivered,
            destination_commands::forget_undelivered,
            commands::settings::settings,
            commands::settings::change_settings,
            commands::settings::reset,
            commands::settings::restart_app,
            commands::settings::login_token,
            commands::system::page_painted,
            commands::system::show_main,
            commands::system::set_strip,
            commands::system::drag_strip,
            commands::system::system_state,
            commands::system::set_autostart,
            commands::system::test_notification,
            commands::system::open_data_folder,
            commands::system::export_file,
            commands::system::import_file,
        ])
        .events(collect_events![desktop::Open])
}

/// Writes them for TypeScript.
pub fn export(path: &Path) -> Result<(), specta_typescript::Error> {
    builder().export(Typescript::default().header(HEADER), path)?;
    let generated = fs::read_to_string(path)?;
    Ok(fs::write(path, without_exclusions(&generated))?)
}

/// `{ a: A } & { b?: never }` becomes `{ a: A }`: with the exclusions, `"a" in value` no longer tells the variants apart.
fn without_exclusions(generated: &str) -> String {
    let line = |line: &str| match line.split_once(") & { ") {
        Some((variant, rest)) if rest.contains("?: never") => {
            let end = rest.split_once('}').map_or("", |(_, end)| end);
            format!("{}{end}\n", variant.strip_prefix('(').unwrap_or(variant))
        }
        _ => format!("{line}\n"),
    };
    generated.lines().map(line).collect()
}
