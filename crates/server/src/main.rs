//! `quickstocksd`: the services without a window.

mod man;
mod systemd;

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{CommandFactory as _, Parser, Subcommand};
use market::{EditError, UserName};
use quickstocks_server::{
    Config, ConfigError, Overrides, Parts, PortTaken, Role, Roles, Services, StartError, VERSION,
    api::{self, Api},
    doctor,
    record::{self, RecordError},
    signals::{Endings, Hangups},
    users::{self, UserCommand, UserError},
};
use quote_engine::{notifier::LogNotify, recording, store::FileStore};

/// The services of Quickstocks without a window: quotes over MQTT, REST and a web page.
#[derive(Debug, Parser)]
#[command(name = "quickstocksd", version)]
struct Cli {
    /// The configuration, in TOML.
    #[arg(long, env = "QUICKSTOCKS_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where users, tokens and last quotes are kept.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Who is asked for quotes: auto, simulated, replay, or one of coinbase, binance, yahoo, finnhub, ecb.
    #[arg(long, global = true, value_name = "NAME")]
    feed: Option<String>,
    /// What is logged, such as `debug` or `info,quote_engine=debug`.
    #[arg(long, env = "QUICKSTOCKS_LOG", global = true, value_name = "FILTER", default_value = "info,rumqttd=off")]
    log: String,
    /// Where the files of the web page are.
    #[arg(long, env = "QUICKSTOCKS_UI_DIR", global = true, value_name = "DIR")]
    ui_dir: Option<PathBuf>,
    /// The broker to use in place of the one inside: `mqtt://host[:port]`.
    #[arg(long, global = true, value_name = "URL")]
    broker: Option<String>,
    /// The login there.
    #[arg(long, global = true, value_name = "NAME")]
    broker_user: Option<String>,
    /// The file that holds its password.
    #[arg(long, global = true, value_name = "FILE")]
    broker_password_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Every service in one process. Does so without a command, too.
    All,
    /// The MQTT broker alone. It writes to `service.toml` in the data folder how the other services find it.
    Broker,
    /// Fetches what is followed, and publishes it. Any number share the work.
    Engine,
    /// Keeps users, watchlists and alerts. There is one.
    Desk,
    /// Routes quotes to the topics of users, rules on alerts and delivers them. Any number share the work.
    Dispatcher,
    /// REST, the live stream and the web page. Any number.
    Api,
    /// Writes every quote that the feed publishes into a new file, until it is told to end.
    Record {
        /// Where to; compressed where the name ends in `.gz`.
        file: PathBuf,
        /// How many bytes it may have, counted before compression.
        #[arg(long, value_name = "BYTES", default_value_t = recording::BYTES_MAX)]
        max_bytes: u64,
    },
    /// Users, what opens them, and what they may.
    #[command(subcommand)]
    User(UserArguments),
    /// Checks the configuration, or shows it.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Examines each provider, port and permission: one line and a verdict each.
    Doctor,
    /// Prints the `OpenAPI` document.
    Openapi,
    /// Prints the manual page, for packages.
    #[command(hide = true)]
    Man,
    /// Prints the version.
    Version,
}

#[derive(Debug, Clone, Subcommand)]
enum UserArguments {
    /// Makes a user; prints its token, once.
    Add { name: String },
    /// Prints every user.
    List,
    /// Removes a user with all there is of it.
    Remove { name: String },
    /// Gives a user another token; prints it, once.
    Token { name: String },
    /// Sets a user's password: the first line on standard input.
    Password { name: String },
    /// Lets a user publish quotes of its own, or not any more.
    Feed { name: String, may: OnOff },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnOff {
    On,
    Off,
}

impl UserArguments {
    fn command(&self) -> Result<UserCommand, Failure> {
        let user = |name: &String| UserName::parse(name).map_err(|error| Failure::UserName(name.clone(), error));
        Ok(match self {
            Self::Add { name } => UserCommand::Add(user(name)?),
            Self::List => UserCommand::List,
            Self::Remove { name } => UserCommand::Remove(user(name)?),
            Self::Token { name } => UserCommand::Token(user(name)?),
            Self::Password { name } => UserCommand::Password(user(name)?),
            Self::Feed { name, may } => UserCommand::Feed(user(name)?, *may == OnOff::On),
        })
    }
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum ConfigCommand {
    /// Says whether it makes sense.
    Check,
    /// Prints every key with its value.
    Show,
}

/// Why the program ends, other than on request.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("--log: {0:?} is no filter; allowed: such as \"debug\" or \"info,quote_engine=debug\"")]
    LogFilter(String),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("{0:?} is no user's name: {1}")]
    UserName(String, EditError),
    #[error(transparent)]
    User(#[from] UserError),
    #[error("the service {0} has failed; the log says why")]
    Service(&'static str),
    #[error("{0} of these need{s} attention", s = if *.0 == 1 { "s" } else { "" })]
    Unwell(usize),
    #[error("cannot run: {0}")]
    System(#[from] std::io::Error),
}

impl Failure {
    /// 2 for what a person wrote wrongly, 1 for everything else.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::LogFilter(_) | Self::UserName(..) => ExitCode::from(2),
            Self::Start(_) | Self::Record(_) | Self::User(_) | Self::Service(_) | Self::Unwell(_) | Self::System(_) => {
                ExitCode::from(1)
            }
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("quickstocksd: {failure}");
            failure.exit_code()
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    match cli.command.as_ref().unwrap_or(&Command::All) {
        Command::All => {
            let config = load(cli)?;
            log_to_stderr(&cli.log)?;
            run_to_end(serve(cli, &config, None))
        }
        Command::Broker => serve_alone(cli, Role::Broker),
        Command::Engine => serve_alone(cli, Role::Engine),
        Command::Desk => serve_alone(cli, Role::Desk),
        Command::Dispatcher => serve_alone(cli, Role::Dispatcher),
        Command::Api => serve_alone(cli, Role::Api),
        Command::Record { file, max_bytes } => {
            let config = load(cli)?;
            log_to_stderr(&cli.log)?;
            run_to_end(record(&config, file, *max_bytes))
        }
        Command::User(arguments) => {
            let (config, command) = (load(cli)?, arguments.command()?);
            run_to_end(async { say(&users::run(&config, command).await?) })
        }
        Command::Config(ConfigCommand::Check) => {
            load(cli)?;
            say("the configuration makes sense")
        }
        Command::Config(ConfigCommand::Show) => say(load(cli)?.show().trim_end()),
        Command::Doctor => {
            let config = load(cli)?;
            run_to_end(diagnose(&config))
        }
        Command::Openapi => say(&api::openapi_json()),
        Command::Man => Ok(std::io::stdout().write_all(&man::page(Cli::command())?)?),
        Command::Version => say(&format!("quickstocksd {VERSION}")),
    }
}

/// One service, with the others in processes of their own.
fn serve_alone(cli: &Cli, role: Role) -> Result<(), Failure> {
    let config = load(cli)?;
    log_to_stderr(&cli.log)?;
    run_to_end(serve(cli, &config, Some(role)))
}

fn run_to_end(program: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    let ended = runtime.block_on(program);
    // A name that is being looked up blocks a thread: nobody waits for it.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    ended
}

fn load(cli: &Cli) -> Result<Config, ConfigError> {
    let overrides = Overrides {
        data_dir: cli.data_dir.clone(),
        feed: cli.feed.clone(),
        broker: cli.broker.clone(),
        broker_user: cli.broker_user.clone(),
        broker_password_file: cli.broker_password_file.clone(),
    };
    Config::load(cli.config.as_deref(), &overrides)
}

/// One line on standard output, at once. A reader that has gone is no failure of ours.
fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn log_to_stderr(filter: &str) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::builder().parse(filter);
    let filter = filter.map_err(|error| Failure::LogFilter(error.to_string()))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

/// Prints what is found; ends with 1 where something is wrong.
async fn diagnose(config: &Config) -> Result<(), Failure> {
    let mut wrong = 0;
    doctor::examine(config, |finding| {
        wrong += usize::from(finding.verdict == doctor::Verdict::Bad);
        // A reader that has gone wants to hear no more.
        let _ = say(&finding.to_string());
    })
    .await;
    if wrong == 0 { Ok(()) } else { Err(Failure::Unwell(wrong)) }
}

/// All services, or one.
async fn serve(cli: &Cli, config: &Config, alone: Option<Role>) -> Result<(), Failure> {
    let (mut endings, mut hangups) = (Endings::new()?, Hangups::new()?);
    let parts = Parts {
        store: Box::new(FileStore::new(&config.data_dir)),
        notify: Arc::new(LogNotify),
        notify_user: None,
        languages: Vec::new(),
        port_taken: PortTaken::Fail,
    };
    let services = match alone {
        Some(role) => Services::start_as(config, parts, &Roles::only(role)).await?,
        None => Services::start(config, parts).await?,
    };
    for notice in &services.notices {
        tracing::warn!("{notice}");
    }
    let opened = tokio::select! {
        opened = open(cli, config, &services, alone) => opened,
        () = endings.next() => {
            services.stop().await;
            return Ok(());
        }
    };
    if let Err(error) = opened {
        services.stop().await;
        return Err(error);
    }
    say("ready")?;
    systemd::ready();
    let ended = tokio::select! {
        () = endings.next() => Ok(()),
        () = systemd::alive() => Ok(()),
        service = services.failed() => Err(Failure::Service(service)),
        () = listen_anew(cli, &services, &mut hangups) => Ok(()),
    };
    tracing::info!("saving and ending; once more ends at once");
    systemd::stopping();
    tokio::select! {
        () = services.stop() => ended,
        () = endings.next() => ended,
    }
}

/// At each SIGHUP: listens for MQTT as the configuration says now, with the certificate that its files hold now.
async fn listen_anew(cli: &Cli, services: &Services, hangups: &mut Hangups) {
    loop {
        hangups.next().await;
        match load(cli) {
            Ok(config) => {
                services.listeners.apply(&config.broker).await;
                tracing::info!(
                    "listeners and broker.anonymous and broker.other_topics are as the configuration says; other keys count after a restart"
                );
            }
            Err(error) => tracing::warn!(%error, "the configuration is not taken up"),
        }
    }
}

async fn record(config: &Config, file: &Path, bytes_max: u64) -> Result<(), Failure> {
    let mut endings = Endings::new()?;
    let mut told = Ok(());
    let ready = || told = say("ready");
    let recorded = record::record(config, file, bytes_max, ready, endings.next()).await?;
    told?;
    let full = if recorded.full { "; it has the size it may have (--max-bytes)" } else { "" };
    say(&format!("{}: {} quotes, {} bytes of text{full}", file.display(), recorded.quotes, recorded.bytes))
}

/// Opens the REST interface, if it is one of these services; waits until one that is alone is connected.
async fn open(cli: &Cli, config: &Config, services: &Services, alone: Option<Role>) -> Result<(), Failure> {
    if alone.is_none_or(|role| role == Role::Api) {
        open_api(cli, config, services).await?;
    }
    if alone.is_some() {
        services.ready().await?;
    }
    Ok(())
}

async fn open_api(cli: &Cli, config: &Config, services: &Services) -> Result<(), Failure> {
    let Some(addr) = config.api.daemon_address() else { return Ok(()) };
    let ui = api::find_ui(cli.ui_dir.as_deref());
    let api = Api::start(services, config, addr, ui).await?;
    say(&format!("open {}", api.login_link(&UserName::me())))
}
