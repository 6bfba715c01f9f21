//! Composition: options, configuration, one instance, services, window, tray; and the end of all of them.
//!
//! Nothing here panics: what cannot be had is said in one line, and the program ends with 1 (or 2 where the
//! configuration is at fault).

use std::{
    io::IsTerminal as _,
    process::ExitCode,
    sync::{Arc, mpsc},
    time::Duration,
};

use clap::Parser as _;
use market::UserName;
use quickstocks_server::{
    api::{self, Api},
    compose::{Parts, PortTaken, Services},
    config::Config,
    settings::SettingsFile,
    signals::{Endings, Hangups},
};
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use tracing_subscriber::EnvFilter;

use crate::{
    autostart, bindings, chosen, data_folder,
    desktop::Desktop,
    dock, identity,
    notify::OsNotify,
    options::{Configured, Options},
    selftest,
    store::PluginStore,
    tray, tray_host, webview, window, words,
};

/// When the end takes longer than this, the program ends anyway: what was acknowledged has been saved.
const STOP_MAX: Duration = Duration::from_millis(2_800);
/// How long making the app may take: most of it is waiting for another instance.
const START_MAX: Duration = Duration::from_secs(10);
/// How often the app is made again when an instance that was just ending answered no more.
const START_TRIES: u32 = 3;
/// The pause before that.
const START_PAUSE: Duration = Duration::from_millis(700);

type StartError = Box<dyn std::error::Error>;

/// Runs the app as the command line says.
pub fn run() -> ExitCode {
    let options = Options::parse();
    if let Some(name) = &options.selftest_beside {
        return selftest::stand_beside(name);
    }
    let configured = match Configured::by(&options) {
        Ok(configured) => configured,
        Err(error) => return say(&error, 2),
    };
    log_to_stderr(if options.selftest { "warn" } else { "info,rumqttd=off" });
    if options.selftest {
        return selftest::run(configured.config, options.data_dir.is_some());
    }
    match start(&options, &configured) {
        Ok(app) => {
            app.run(on_run_event);
            ExitCode::SUCCESS
        }
        Err(error) => say(&*error, 1),
    }
}

fn say(error: &dyn std::error::Error, code: u8) -> ExitCode {
    eprintln!("quickstocks: {error}");
    show(error);
    ExitCode::from(code)
}

/// A program of Windows' desktop has no standard error, unless somebody gave it one: a box says it then.
#[cfg(windows)]
fn show(error: &dyn std::error::Error) {
    use std::os::windows::io::AsRawHandle as _;

    if std::io::stderr().as_raw_handle().is_null() {
        let said = rfd::MessageDialog::new().set_title("Quickstocks").set_description(error.to_string());
        said.set_level(rfd::MessageLevel::Error).show();
    }
}

#[cfg(not(windows))]
fn show(_: &dyn std::error::Error) {}

fn log_to_stderr(usual: &str) {
    let filter = EnvFilter::try_from_env("QUICKSTOCKS_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let coloured = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(coloured).with_writer(std::io::stderr).init();
}

/// The app with its services, window and tray. Another instance that is just ending may be in the way for a moment.
fn start(options: &Options, configured: &Configured) -> Result<tauri::App, StartError> {
    reach_the_screen()?;
    if !options.hidden {
        webview::version()?;
    }
    let _made = end_unless_made();
    let mut tries = 1;
    loop {
        match build(options, configured) {
            Err(tauri::Error::PluginInitialization(plugin, error)) if plugin == "single-instance" => {
                if tries == START_TRIES {
                    return Err(format!("another Quickstocks runs, but does not answer: {error}").into());
                }
                tries += 1;
                std::thread::sleep(START_PAUSE);
            }
            other => return Ok(other?),
        }
    }
}

/// Asking another instance to come forward waits for ever where that one is frozen. Drop what this gives back once the
/// app is made.
fn end_unless_made() -> mpsc::Sender<()> {
    let (made, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        if waiting.recv_timeout(START_MAX) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("quickstocks: another Quickstocks runs, but does not answer");
            std::process::exit(1);
        }
    });
    made
}

/// A missing screen is an error here, and a panic later.
#[cfg(target_os = "linux")]
pub(crate) fn reach_the_screen() -> Result<(), StartError> {
    gtk::init().map_err(
        |_| "there is no screen to open a window on (DISPLAY, WAYLAND_DISPLAY); quickstocksd runs without one",
    )?;
    Ok(())
}

/// Who is logged in there has one.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(crate) fn reach_the_screen() -> Result<(), StartError> {
    Ok(())
}

fn build(options: &Options, configured: &Configured) -> tauri::Result<tauri::App> {
    let bindings = bindings::builder();
    let context = context();
    identity::take(&context.config().identifier);
    let mut builder = tauri::Builder::default();
    // Other data folders are other instances; each has a lock.
    if configured.config.data_dir == Config::default().data_dir {
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            // What the system starts hidden, such as at a second log-in, wants nothing from who runs already.
            if !arguments.iter().any(|argument| argument == autostart::HIDDEN) {
                window::open(app, None);
            }
        }));
    }
    let (hidden, configured) = (options.hidden, configured.clone());
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_notification::init());
    builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_store::Builder::default().build())
        .plugin(
            tauri_plugin_window_state::Builder::default()
                .with_state_flags(StateFlags::all() - StateFlags::VISIBLE)
                .build(),
        )
        .invoke_handler(bindings.invoke_handler())
        .on_window_event(window::on_event)
        .setup(move |app| {
            bindings.mount_events(app);
            if let Err(error) = compose(app.handle(), &configured, hidden) {
                // An error given back here would be a panic there.
                say(&*error, 1);
                std::process::exit(1);
            }
            Ok(())
        })
        .build(context)
}

/// What `tauri.conf.json` says, with the files of the window.
pub(crate) fn context() -> tauri::Context {
    tauri::generate_context!()
}

/// Services first, then what shows them.
fn compose(app: &AppHandle, configured: &Configured, hidden: bool) -> Result<(), StartError> {
    tauri::async_runtime::spawn(end_on_signal(app.clone()));
    let (config, notice) = &on_ground_that_holds(&configured.config)?;
    let notify = OsNotify::new(app.clone());
    app.manage(notify.clone());
    let parts = Parts {
        store: Box::new(PluginStore::open(app, &config.data_dir)?),
        notify: Arc::new(notify),
        notify_user: Some(UserName::me()),
        languages: words::of_the_system(),
        port_taken: PortTaken::KeepTrying,
    };
    let mut services = tauri::async_runtime::block_on(start_services(config, parts))?;
    services.notices.extend(configured.notice.iter().chain(notice).cloned());
    let failed = services.failed_service();
    let settings = SettingsFile::new(configured.sources.clone(), config);
    app.manage(Desktop::new(services, config.data_dir.clone(), settings, notice.is_some()));
    tauri::async_runtime::spawn(end_on_failure(app.clone(), failed));
    autostart::prepare(app);
    match tray::Tray::new(app, &words::now(app)) {
        Ok(tray) => drop(tauri::async_runtime::spawn(tray::run(app.clone(), tray))),
        Err(error) => tracing::warn!(%error, "no tray icon"),
    }
    let in_tray = tray_host::is_there();
    if hidden && in_tray {
        dock::show(app, false);
    } else {
        window::create(app, hidden).map_err(|error| format!("the window cannot be made: {error}"))?;
    }
    tauri::async_runtime::spawn(chosen::follow(app.clone()));
    tauri::async_runtime::spawn(say_what_is_missing(app.clone()));
    Ok(())
}

/// The configuration, with a folder that can be written; and what the user should know where that is another one.
fn on_ground_that_holds(config: &Config) -> Result<(Config, Option<String>), StartError> {
    let mut config = config.clone();
    // Who names a folder wants that one.
    if config.data_dir != Config::default().data_dir {
        return Ok((config, None));
    }
    let stopgap = data_folder::stopgap(&config.data_dir).map_err(|error| {
        format!("neither {} nor a folder for the time being can be written: {error}", config.data_dir.display())
    })?;
    let notice = stopgap.map(|stopgap| {
        tracing::warn!("{}", stopgap.notice);
        config.data_dir = stopgap.folder;
        stopgap.notice
    });
    Ok((config, notice))
}

/// Says once in the log what this desktop lacks; the settings say it, too.
async fn say_what_is_missing(app: AppHandle) {
    if !tray_host::is_there() {
        tracing::info!("no tray on this desktop: closing the window ends Quickstocks");
    }
    if let Some(problem) = app.state::<OsNotify>().delivery().await.problem {
        tracing::warn!("{problem}");
    }
}

/// The services, with REST and the web page where they were asked for: their port may be taken, the app runs on.
async fn start_services(config: &Config, parts: Parts) -> Result<Services, quickstocks_server::StartError> {
    let mut services = Services::start(config, parts).await?;
    if let Some(addr) = config.api.desktop_address()
        && let Err(error) = Api::start(&services, config, addr, api::find_ui(None)).await
    {
        tracing::warn!("{error}");
        services.notices.push(error.to_string());
    }
    Ok(services)
}

fn on_run_event(app: &AppHandle, event: RunEvent) {
    match event {
        // Without a window it lives on in the tray.
        RunEvent::ExitRequested { code: None, api, .. }
            if tray_host::is_there() || window::is_coming_back(app, window::MAIN) =>
        {
            api.prevent_exit();
        }
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } => window::gone(app, &label),
        RunEvent::Exit => {
            let again =
                app.try_state::<Desktop>().is_some_and(|desktop| tauri::async_runtime::block_on(desktop.stop()));
            tracing::debug!("everything has stopped");
            if again {
                start_again(app);
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::open(app, None),
        _ => {}
    }
}

/// With the same options, but before the eyes of whoever asked for it.
fn start_again(app: &AppHandle) -> ! {
    let mut env = app.env();
    env.args_os.retain(|argument| argument != "--hidden");
    app.cleanup_before_exit();
    tauri::process::restart(&env)
}

/// The first signal ends the app as Quit does; a second one, or an end that takes too long, ends it at once.
async fn end_on_signal(app: AppHandle) {
    let (mut endings, mut hangups) = match (Endings::new(), Hangups::new()) {
        (Ok(endings), Ok(hangups)) => (endings, hangups),
        (Err(error), _) | (_, Err(error)) => return tracing::warn!(%error, "signals are not heard"),
    };
    let mut signal = async || tokio::select! { () = endings.next() => {}, () = hangups.next() => {} };
    signal().await;
    tracing::info!("ending on a signal");
    app.exit(0);
    tokio::select! {
        () = signal() => {}
        () = tokio::time::sleep(STOP_MAX) => {}
    }
    std::process::exit(1);
}

/// A service that owns what cannot be made anew has failed: better a clean end than an app that pretends.
async fn end_on_failure(app: AppHandle, mut failed: tokio::sync::watch::Receiver<Option<&'static str>>) {
    if let Ok(service) = failed.wait_for(Option::is_some).await {
        tracing::error!(service = service.unwrap_or_default(), "ending: start Quickstocks again");
        app.exit(1);
    }
}
