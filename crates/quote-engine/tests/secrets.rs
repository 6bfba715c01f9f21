//! The house of secrets, through the door that everybody uses: where keys are found, where they are kept, what happens
//! without a keychain, and that a key is seen nowhere it should not be.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod provider_stub;

use std::fmt::Write as _;
use std::{
    fs,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};

use keyring_core::{CredentialStore, mock};
use provider_stub::{Stub, says};
use quote_engine::{
    provider::{
        Provider as _,
        finnhub::{FinnhubConfig, FinnhubProvider},
        settings::Network,
    },
    secrets::{FILE_NAME, FINNHUB_KEY, Keychain, Place, Secrets, SecretsError},
};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

const VARIABLE: &str = "QUICKSTOCKS_PROVIDER__FINNHUB__KEY";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn store() -> Arc<CredentialStore> {
    mock::Store::new().unwrap()
}

fn no_keychain() -> Keychain {
    Keychain::opened_by(|| Err("the name is not activatable".to_owned()))
}

fn secrets(folder: &Path, env: Option<&str>, keychain: Keychain) -> Secrets {
    let vars = env.map(|key| (VARIABLE.to_owned(), key.to_owned()));
    Secrets::with(folder, vars, keychain)
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn key(secrets: &Secrets) -> Option<String> {
    secrets.get(FINNHUB_KEY).await.unwrap().map(|key| key.expose_secret().to_owned())
}

fn write_file(folder: &Path, text: &str, mode: u32) {
    let path = folder.join(FILE_NAME);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = mode;
}

const IN_FILE: &str = "[provider.finnhub]\nkey = \"of-the-file\"\n";

#[tokio::test]
async fn environment_before_keychain_before_file() {
    let folder = folder();
    let keychain = Keychain::of(store());
    let ours = secrets(folder.path(), None, keychain.clone());
    assert_eq!((key(&ours).await, ours.place(FINNHUB_KEY).await.unwrap()), (None, None));

    write_file(folder.path(), IN_FILE, 0o600);
    assert_eq!(key(&ours).await.as_deref(), Some("of-the-file"));
    assert_eq!(ours.place(FINNHUB_KEY).await.unwrap(), Some(Place::File));

    ours.set(FINNHUB_KEY, &secret(" of-the-keychain\n")).await.unwrap();
    assert_eq!(key(&ours).await.as_deref(), Some("of-the-keychain"), "a new key replaces the one that was remembered");
    assert_eq!(ours.place(FINNHUB_KEY).await.unwrap(), Some(Place::Keychain));

    let with_env = secrets(folder.path(), Some("of-the-environment"), keychain.clone());
    assert_eq!(key(&with_env).await.as_deref(), Some("of-the-environment"));
    assert_eq!(with_env.place(FINNHUB_KEY).await.unwrap(), Some(Place::Environment));
    let refused = with_env.set(FINNHUB_KEY, &secret("x")).await.unwrap_err().to_string();
    assert!(refused.contains(VARIABLE) && refused.contains("change it there"), "{refused}");

    let empty = secrets(folder.path(), Some(""), keychain);
    assert_eq!(key(&empty).await.as_deref(), Some("of-the-keychain"), "an empty variable is none");
}

#[tokio::test]
async fn what_is_removed_is_gone_and_what_stands_elsewhere_is_told() {
    let folder = folder();
    let ours = secrets(folder.path(), None, Keychain::of(store()));
    let mut changes = ours.changes();
    ours.set(FINNHUB_KEY, &secret("one")).await.unwrap();
    assert!(changes.has_changed().unwrap() && ours.has(FINNHUB_KEY).await.unwrap());
    changes.mark_unchanged();
    ours.remove(FINNHUB_KEY).await.unwrap();
    assert!(changes.has_changed().unwrap() && !ours.has(FINNHUB_KEY).await.unwrap());
    ours.remove(FINNHUB_KEY).await.expect("nothing to remove is no failure");

    write_file(folder.path(), IN_FILE, 0o600);
    let refused = ours.remove(FINNHUB_KEY).await.unwrap_err().to_string();
    assert!(refused.contains(FILE_NAME) && refused.contains("change it there"), "{refused}");
}

#[tokio::test]
async fn without_a_keychain_nothing_is_written_and_the_message_says_what_to_do() {
    let folder = folder();
    let ours = secrets(folder.path(), None, no_keychain());
    assert_eq!(key(&ours).await, None);
    let refused = ours.set(FINNHUB_KEY, &secret("sesame")).await.unwrap_err();
    assert!(matches!(refused, SecretsError::NoKeychain { .. }), "{refused:?}");
    let told = refused.to_string();
    for part in ["no keychain", "not activatable", "was not saved", VARIABLE, FILE_NAME, "0600"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("sesame"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is on disk");

    write_file(folder.path(), IN_FILE, 0o600);
    assert_eq!(key(&ours).await.as_deref(), Some("of-the-file"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_refused() {
    let folder = folder();
    let ours = secrets(folder.path(), None, no_keychain());
    for mode in [0o644, 0o640, 0o604, 0o620] {
        write_file(folder.path(), IN_FILE, mode);
        let refused = ours.get(FINNHUB_KEY).await.unwrap_err().to_string();
        for part in [FILE_NAME, "others can read", "chmod 600"] {
            assert!(refused.contains(part) && !refused.contains("of-the-file"), "{mode:o}: {refused}");
        }
    }
    for mode in [0o600, 0o400] {
        write_file(folder.path(), IN_FILE, mode);
        ours.get(FINNHUB_KEY).await.unwrap().expect("a key");
    }
}

#[tokio::test]
async fn a_damaged_file_is_told_without_its_contents() {
    let folder = folder();
    let ours = secrets(folder.path(), None, no_keychain());
    for (text, says) in [
        ("[provider.finnhub]\nkey = sesame\n", "line 2 is no TOML"),
        ("[provider.finnhub]\nkey = [\"sesame\"]\n", "provider.finnhub.key is no text"),
        ("[provider.finnhub]\nkey = \"sesame street\"\n", "printable ASCII"),
        ("[provider.finnhub]\nkey = \"\"\n", "1 to 512"),
    ] {
        write_file(folder.path(), text, 0o600);
        let refused = ours.get(FINNHUB_KEY).await.unwrap_err();
        let told = format!("{refused} {refused:?}");
        assert!(told.contains(says) && !told.contains("sesame"), "{told}");
    }
    write_file(folder.path(), "[provider.other]\nkey = 'x'\n", 0o600);
    assert_eq!(key(&ours).await, None);
    fs::remove_file(folder.path().join(FILE_NAME)).unwrap();
    fs::create_dir(folder.path().join(FILE_NAME)).unwrap();
    assert!(ours.get(FINNHUB_KEY).await.unwrap_err().to_string().contains("is no file"));
}

#[tokio::test]
async fn what_cannot_be_a_key_is_not_kept() {
    let folder = folder();
    let ours = secrets(folder.path(), None, Keychain::of(store()));
    for bad in ["", "  ", "two words", "new\nline", "schlüssel", &"x".repeat(513)] {
        let refused = ours.set(FINNHUB_KEY, &secret(bad)).await.unwrap_err();
        assert!(matches!(refused, SecretsError::Unfit { .. }), "{refused}");
    }
    let unknown = ours.set("provider.nobody.key", &secret("x")).await.unwrap_err().to_string();
    assert!(unknown.contains("provider.nobody.key") && unknown.contains(FINNHUB_KEY), "{unknown}");
}

/// The clock is the test's: it jumps to the limit as soon as nothing else goes on.
#[tokio::test(start_paused = true)]
async fn a_keychain_that_hangs_is_left_after_two_seconds() {
    let (release, hang) = mpsc::channel::<()>();
    let hang = Mutex::new(hang);
    let keychain = Keychain::opened_by(move || {
        // Until the test is over.
        let _ = hang.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Err("it hung".to_owned())
    });
    let folder = folder();
    let ours = secrets(folder.path(), None, keychain);
    for _ in 0..3 {
        let since = tokio::time::Instant::now();
        let told = ours.get(FINNHUB_KEY).await.unwrap_err().to_string();
        assert!(told.contains("did not answer within 2 s"), "{told}");
        assert!(since.elapsed() < Duration::from_millis(2_100), "the test's clock: {:?}", since.elapsed());
    }
    write_file(folder.path(), IN_FILE, 0o600);
    assert_eq!(key(&ours).await.as_deref(), Some("of-the-file"), "the file is looked at all the same");
    drop(release);
}

/// Everything that is logged, at the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_key_is_in_no_log_no_error_no_debug_output_and_no_address() {
    const CANARY: &str = "canary-7f3a9c";
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).init();
    tracing::trace!("the log is heard");

    let repeats_the_key = |status| {
        move |asked: &provider_stub::Asked| {
            let key = asked.headers.get("x-finnhub-token").cloned().unwrap_or_default();
            says(status, format!("{{\"error\":\"Invalid API key {key}\"}}"))
        }
    };
    let folder = folder();
    let ours = Arc::new(secrets(folder.path(), None, Keychain::of(store())));
    ours.set(FINNHUB_KEY, &secret(CANARY)).await.unwrap();
    let mut seen = format!("{ours:?} {:?}", ours.get(FINNHUB_KEY).await);
    for status in [200, 400, 401, 403, 404, 451, 500] {
        let stub = Stub::start(repeats_the_key(status)).await;
        let config = FinnhubConfig {
            rest_url: stub.url.clone(),
            stream_url: stub.url.replace("http://", "ws://"),
            requests_per_second: 10_000.0,
        };
        let provider = FinnhubProvider::new(&config, &Network::default(), Arc::clone(&ours)).unwrap();
        let symbols = ["AAPL".parse().unwrap()];
        let error = provider.quotes(&symbols).await.unwrap_err();
        write!(seen, "{error} {error:?} {provider:?}").unwrap();
        let (_wanted, receiver) = tokio::sync::watch::channel(Arc::from(symbols));
        let (sender, ticks) = quote_engine::provider::stream::mailbox();
        tokio::select! {
            () = provider.stream(receiver, sender) => {}
            delivery = ticks.recv() => write!(seen, "{delivery:?}").unwrap(),
        }
        let asked = stub.asked();
        assert!(!asked[0].target.contains(CANARY), "the address of a request: {}", asked[0].target);
        assert!(asked.iter().any(|asked| asked.headers.get("x-finnhub-token").is_some_and(|key| key == CANARY)));
        assert!(
            asked.iter().any(|asked| asked.target == format!("/?token={CANARY}")),
            "the stream takes it nowhere else"
        );
    }
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("the log is heard"));
    for (what, text) in [("what was returned", &seen), ("the log", &logged)] {
        let at = text.find(CANARY);
        assert!(at.is_none(), "{what}: …{}", &text[at.unwrap().saturating_sub(200)..][..300.min(text.len())]);
    }
}

/// Run it with `dbus-run-session -- sh -c 'echo -n x | gnome-keyring-daemon --unlock --components=secrets && cargo test …'`.
#[tokio::test]
#[ignore = "it wants a Secret Service of its own: see the comment above"]
async fn a_real_keychain_keeps_and_forgets() {
    let folder = folder();
    let ours = secrets(folder.path(), None, Keychain::native());
    ours.set(FINNHUB_KEY, &secret("of-the-real-keychain")).await.unwrap();
    let another = secrets(folder.path(), None, Keychain::native());
    assert_eq!(key(&another).await.as_deref(), Some("of-the-real-keychain"));
    assert_eq!(another.place(FINNHUB_KEY).await.unwrap(), Some(Place::Keychain));
    another.remove(FINNHUB_KEY).await.unwrap();
    assert_eq!(key(&another).await, None);
}
