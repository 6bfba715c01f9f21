//! `quickstocksd doctor`: asks each provider one question, tries each port and each permission, and gives a verdict on
//! each, one line at a time. It changes nothing, and runs beside a Quickstocks that is at work.

use std::{
    collections::BTreeSet,
    fmt, io,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use market::{Kind, Quote, Symbol};
use quote_engine::{
    provider::{Delay, Note, Provider, ProviderError},
    secrets::Secrets,
};

use crate::{
    Config,
    compose::{self, StartError},
    config::Service,
};

/// How long a provider has to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// What is the matter with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Ok,
    /// It works not at all, or not as it should.
    Bad,
    /// It is not used, or nothing can be said of it here.
    Off,
}

/// One line of the diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, such as `provider yahoo`.
    pub what: String,
    /// How it is.
    pub verdict: Verdict,
    /// The figures, or what is wrong and what to do.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok ",
            Verdict::Bad => "BAD",
            Verdict::Off => "off",
        };
        write!(f, "{verdict}  {:<22} {}", self.what, self.detail)
    }
}

fn finding(what: impl Into<String>, verdict: Verdict, detail: impl Into<String>) -> Finding {
    Finding { what: what.into(), verdict, detail: detail.into() }
}

/// Looks at everything; hands over the findings in order, each as soon as it is there. Providers are asked all at once.
pub async fn examine(config: &Config, mut tell: impl FnMut(Finding)) {
    let secrets = Arc::new(Secrets::new(&config.data_dir));
    let asking: Vec<_> = compose::every_provider(config, &secrets)
        .map(|(name, provider)| (name, tokio::spawn(examine_provider(name, provider, config.feed.symbols.clone()))))
        .collect();
    for (name, answer) in asking {
        let panicked = |_| finding(format!("provider {name}"), Verdict::Bad, "asking it ended in a panic");
        tell(answer.await.unwrap_or_else(panicked));
    }
    for service in Service::ALL {
        tell(examine_port(service.setting(), config.broker.address(service)));
    }
    tell(examine_port("api.listen", config.api.daemon_address()));
    tell(examine_folder(&config.data_dir));
    tell(examine_secret(&config.data_dir.join(quote_engine::token::FILE)));
}

async fn examine_provider(
    name: &'static str,
    provider: Result<Arc<dyn Provider>, StartError>,
    configured: BTreeSet<Symbol>,
) -> Finding {
    let what = format!("provider {name}");
    let provider = match provider {
        Ok(provider) => provider,
        Err(error) => return finding(what, Verdict::Off, error.to_string()),
    };
    let Some(symbol) = question(configured, provider.as_ref()) else {
        return finding(what, Verdict::Off, "it has nothing to be asked for");
    };
    let began = Instant::now();
    match tokio::time::timeout(ANSWER_TIME_MAX, provider.quotes(std::slice::from_ref(&symbol))).await {
        Err(_) => finding(what, Verdict::Bad, format!("no answer within {} s", ANSWER_TIME_MAX.as_secs())),
        Ok(Err(error @ ProviderError::KeyMissing { .. })) => finding(what, Verdict::Off, error.to_string()),
        Ok(Err(error)) => finding(what, Verdict::Bad, error.to_string()),
        Ok(Ok(answer)) => match answer.quotes.first() {
            Some(quote) => {
                finding(what, Verdict::Ok, answered(quote, began.elapsed(), provider.as_ref(), answer.note.as_ref()))
            }
            None => finding(what, Verdict::Bad, format!("it answers, but has no price of {symbol}")),
        },
    }
}

/// A symbol that the provider should know: a well-known one of its kinds, else one that is configured.
fn question(configured: BTreeSet<Symbol>, provider: &dyn Provider) -> Option<Symbol> {
    let known = |kind: &Kind| match kind {
        Kind::Equity | Kind::Other => Some("AAPL"),
        Kind::Crypto => Some("BTC-USD"),
        Kind::Currency => Some("EURUSD=X"),
        Kind::Index => Some("^GSPC"),
        Kind::Etf | Kind::Fund | Kind::Future | Kind::Option => None,
    };
    let well_known = provider.capabilities().kinds.iter().filter_map(known).filter_map(|text| Symbol::parse(text).ok());
    well_known.chain(configured).find(|symbol| provider.covers(symbol))
}

fn answered(quote: &Quote, took: Duration, provider: &dyn Provider, note: Option<&Note>) -> String {
    let currency = quote.currency.as_deref().unwrap_or_default();
    let delay = match (quote.delay_minutes, provider.capabilities().delay) {
        (Some(minutes), _) if minutes > 0 => format!(", {minutes} min late"),
        (_, Delay::Daily) => ", once a day".to_owned(),
        _ => String::new(),
    };
    let note = note.map(|note| format!(" ({})", note.text)).unwrap_or_default();
    format!(
        "{} {} {currency} of {}{delay}, in {} ms{note}",
        quote.symbol,
        quote.price,
        quote.quoted_at,
        took.as_millis()
    )
}

fn examine_port(setting: &str, addr: Option<SocketAddr>) -> Finding {
    let Some(addr) = addr else { return finding(setting, Verdict::Off, "no listener") };
    match TcpListener::bind(addr) {
        Ok(_) => finding(setting, Verdict::Ok, format!("{addr} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            finding(setting, Verdict::Off, format!("{addr} is in use: by this Quickstocks if it is at work now"))
        }
        Err(error) => finding(setting, Verdict::Bad, format!("{addr}: {error}")),
    }
}

fn examine_folder(folder: &Path) -> Finding {
    let shown = folder.display();
    if !folder.exists() {
        return finding("data_dir", Verdict::Off, format!("{shown} is not there yet; the first start makes it"));
    }
    match tempfile::tempfile_in(folder) {
        Ok(_) => finding("data_dir", Verdict::Ok, format!("{shown} can be written")),
        Err(error) => finding("data_dir", Verdict::Bad, format!("{shown} cannot be written: {error}")),
    }
}

/// Whether a secret is nobody else's to read.
fn examine_secret(path: &Path) -> Finding {
    let shown = path.display();
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            finding("token", Verdict::Off, format!("{shown} is not there yet; the first start makes it"))
        }
        Err(error) => finding("token", Verdict::Bad, format!("{shown}: {error}")),
        Ok(about) if is_open_to_others(&about) => {
            finding("token", Verdict::Bad, format!("others can read {shown}; allowed: mode 0600 (chmod 600)"))
        }
        Ok(_) if cfg!(unix) => finding("token", Verdict::Ok, format!("{shown} is readable by its owner only")),
        Ok(_) => finding("token", Verdict::Ok, format!("{shown} is readable by those who may read its folder")),
    }
}

#[cfg(unix)]
fn is_open_to_others(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.mode() & 0o077 != 0
}

/// Elsewhere the folder's own rights protect what is in it.
#[cfg(not(unix))]
fn is_open_to_others(_about: &std::fs::Metadata) -> bool {
    false
}
