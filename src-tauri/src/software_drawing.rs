//! How pages are drawn on a Linux without a graphics card: by the web engine's own painter. Its other way, OpenGL, would be imitated by
//! the processor there, which takes three times as long for the same picture.

use tauri::WebviewWindow;

/// Where the kernel shows the graphics cards that a program may draw with.
const CARDS: &str = "/dev/dri";
/// How the name of each begins.
const RENDER_NODE: &str = "renderD";

/// Has this window's page drawn without OpenGL, where nothing speeds that up.
pub(crate) fn choose(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};

    if has_graphics_card() {
        return Ok(());
    }
    window.with_webview(|webview| {
        if let Some(settings) = webview.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

fn has_graphics_card() -> bool {
    let mut cards = std::fs::read_dir(CARDS).into_iter().flatten().flatten();
    cards.any(|card| card.file_name().to_string_lossy().starts_with(RENDER_NODE))
}
