//! `quickstocksd` as a person starts it: arguments, exit codes, what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn quickstocksd(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstocksd"));
    command.args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QUICKSTOCKS_")) {
        command.env_remove(name);
    }
    command
}

fn output(args: &[&str]) -> Output {
    quickstocksd(args).output().unwrap()
}

fn file(folder: &Path, text: &str) -> String {
    let path = folder.join("quickstocks.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A daemon that has said `ready`, and what it printed until then.
fn ready(config: &str) -> (Child, Vec<String>) {
    let mut child = quickstocksd(&["--config", config]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut printed = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line == "ready" {
            return (child, printed);
        }
        printed.push(line);
    }
    let ended = child.wait();
    panic!("it ended without being ready: {ended:?} {printed:?}");
}

fn simulated(folder: &Path) -> String {
    let text = format!(
        "data_dir = '{}'\nfeed.provider = 'simulated'\nbroker.listen = '127.0.0.1:0'\napi.listen = '127.0.0.1:0'",
        folder.join("data").display()
    );
    file(folder, &text)
}

#[test]
fn a_wrong_configuration_is_one_line_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(folder.path(), "[broker]\nlissten = '127.0.0.1:1883'");
    let checked = output(&["--config", &config, "config", "check"]);
    assert_eq!(checked.status.code(), Some(2));
    let told = String::from_utf8(checked.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains(&config) && told.contains("broker.lissten") && told.contains("broker.listen?"), "{told}");
    assert_eq!(output(&["--feed", "nobody"]).status.code(), Some(2));
    assert_eq!(output(&["--log", "a=b=c"]).status.code(), Some(2));
    assert_eq!(output(&["--nonsense"]).status.code(), Some(2));
}

#[test]
fn what_only_prints_prints() {
    let printed = |args: &[&str]| {
        let output = output(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(printed(&["version"]).starts_with("quickstocksd "));
    assert!(printed(&["config", "show"]).contains("broker.listen = \"127.0.0.1:1883\""));
    printed(&["config", "check"]);
    let document: serde_json::Value = serde_json::from_str(&printed(&["openapi"])).unwrap();
    assert!(document["paths"]["/api/v1/quotes"].is_object());
}

#[test]
fn a_taken_port_is_exit_code_1_and_names_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap();
    for setting in ["broker.listen", "api.listen"] {
        let text = std::fs::read_to_string(simulated(folder.path())).unwrap();
        let config = file(
            folder.path(),
            &text.replace(&format!("{setting} = '127.0.0.1:0'"), &format!("{setting} = '{taken}'")),
        );
        let ended = output(&["--config", &config]);
        assert_eq!(ended.status.code(), Some(1));
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(told.lines().last().unwrap().contains(setting), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn it_is_ready_with_a_login_link_and_ends_when_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, printed) = ready(&simulated(folder.path()));
    let link = printed.iter().find_map(|line| line.strip_prefix("open ")).expect("a login link");
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("/#login="), "{link}");
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_data_folder_may_have_a_long_name_of_any_letters() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("Ein Ordner für 株価 & Žluťoučký kůň").join("x".repeat(200));
    std::fs::create_dir_all(&folder).unwrap();
    let config = simulated(&folder);
    let added = output(&["--config", &config, "user", "add", "kim"]);
    assert_eq!(added.status.code(), Some(0), "{}", String::from_utf8_lossy(&added.stderr));
    let (mut child, _) = ready(&config);
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = String::from_utf8(output(&["--config", &config, "user", "list"]).stdout).unwrap();
    assert!(listed.contains("kim"), "{listed}");
    assert!(folder.join("data").join("profiles.json").exists());
}

#[test]
fn a_store_of_a_newer_version_is_left_alone_and_said() {
    let scratch = tempfile::tempdir().unwrap();
    let (config, store) = (simulated(scratch.path()), scratch.path().join("data").join("profiles.json"));
    let newer = r#"{"format": 4000, "generation": 7, "sha256": "00", "state": {"of": "tomorrow"}}"#;
    std::fs::create_dir_all(store.parent().unwrap()).unwrap();
    std::fs::write(&store, newer).unwrap();
    let ended = output(&["--config", &config]);
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.lines().last().unwrap().contains("written by a newer version (format 4000"), "{told}");
    assert_eq!(std::fs::read_to_string(&store).unwrap(), newer);
    assert_eq!(
        std::fs::read_dir(store.parent().unwrap()).unwrap().filter(|it| it.as_ref().unwrap().path() != store).count(),
        1,
        "the lock"
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_exit_code_1_and_named() {
    let scratch = tempfile::tempdir().unwrap();
    let config = simulated(scratch.path());
    std::fs::write(scratch.path().join("data"), "no folder").unwrap();
    let ended = output(&["--config", &config]);
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), told.lines().count()), (Some(1), 1), "{told}");
    assert!(told.contains("data_dir: ") && told.contains(scratch.path().to_str().unwrap()), "{told}");
}

/// A configuration of a made-up market that moves fast.
fn fast(folder: &Path) -> String {
    let text = std::fs::read_to_string(simulated(folder)).unwrap();
    file(folder, &format!("{text}\nfeed.symbols = ['AAPL', 'BTC-USD']\nprovider.simulated.tick_interval = '10ms'"))
}

#[test]
fn a_recording_ends_at_its_bound_and_can_be_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let config = fast(folder.path());
    let recording = folder.path().join("day.jsonl.gz");
    let record = ["--config", &config, "record", recording.to_str().unwrap(), "--max-bytes", "20000"];
    let ended = output(&record);
    let told = String::from_utf8(ended.stdout).unwrap();
    assert_eq!((ended.status.code(), told.lines().next()), (Some(0), Some("ready")));
    assert!(told.lines().last().unwrap().contains("--max-bytes"), "{told}");
    let again = output(&record);
    assert_eq!(again.status.code(), Some(1), "nothing is overwritten");
    assert!(String::from_utf8(again.stderr).unwrap().contains("exists already"));
    let replay = file(
        folder.path(),
        &format!(
            "data_dir = '{}'\nfeed.provider = 'replay'\nprovider.replay.file = '{}'\nbroker.listen = '127.0.0.1:0'\napi.listen = ''",
            folder.path().join("replayed").display(),
            recording.display()
        ),
    );
    let (mut child, _) = ready(&replay);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_recording_that_is_told_to_end_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let config = fast(folder.path());
    let recording = folder.path().join("day.jsonl");
    let mut record = quickstocksd(&["--config", &config, "record", recording.to_str().unwrap()]);
    let mut child = record.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(printed.next().unwrap().unwrap(), "ready");
    // Flushed once a second: the file grows by itself.
    while std::fs::metadata(&recording).unwrap().len() < 1_000 {
        std::thread::yield_now();
    }
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let told = printed.next().unwrap().unwrap();
    let text = std::fs::read_to_string(&recording).unwrap();
    let quotes = text.lines().count() - 1;
    assert!(told.contains(&format!("{quotes} quotes, {} bytes", text.len())), "{told}");
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(text.contains("BTC-USD") && text.contains("AAPL"));
}

#[test]
fn the_doctor_tells_in_order_what_is_wrong_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let nobody = "http://127.0.0.1:1";
    let text = format!(
        "data_dir = '{}'\nbroker.listen = '127.0.0.1:0'\napi.listen = '127.0.0.1:0'\n[provider]\n\
         yahoo = {{ query_urls = ['{nobody}'], cookie_url = '{nobody}', consent_url = '{nobody}' }}\n\
         binance.rest_url = '{nobody}'\ncoinbase.rest_url = '{nobody}'\nfinnhub.rest_url = '{nobody}'\n\
         ecb = {{ url = '{nobody}', history_url = '{nobody}' }}\n",
        data.display()
    );
    let examined = output(&["--config", &file(folder.path(), &text), "doctor"]);
    let told = String::from_utf8(examined.stdout).unwrap();
    let of = |name: &str| told.find(&format!("provider {name} ")).unwrap_or_else(|| panic!("{name}: {told}"));
    assert!(["yahoo", "binance", "coinbase", "finnhub", "ecb", "replay"].map(of).is_sorted(), "{told}");
    let wrong = told.lines().filter(|line| line.starts_with("BAD")).count();
    let complaint = String::from_utf8(examined.stderr).unwrap();
    assert!(complaint.contains(&format!("{wrong} of these need attention")), "{complaint}");
    assert_eq!((examined.status.code(), wrong >= 4), (Some(1), true), "{told}");
    assert!(!data.exists(), "it makes no folder");
}

#[test]
fn the_help_names_every_provider() {
    let told = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for provider in quickstocks_server::config::LiveProvider::ALL {
        assert!(told.contains(provider.name()), "{told}");
    }
}

/// `quickstocksd user …` with this on its standard input.
fn user(config: &str, args: &[&str], input: &str) -> Output {
    let mut command = quickstocksd(&["--config", config, "user"]);
    let mut child =
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who reads no password closes its input.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

#[test]
fn users_are_made_and_opened_without_a_desk_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let config = simulated(folder.path());
    let done = |args: &[&str], input: &str| {
        let output = user(&config, args, input);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let refused = |args: &[&str], input: &str| {
        let output = user(&config, args, input);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(done(&["add", "kitchen"], "").len(), 64);
    assert_eq!(done(&["list"], ""), "kitchen\nme");
    assert_ne!(done(&["token", "kitchen"], ""), done(&["token", "kitchen"], ""));
    done(&["password", "kitchen"], "correct horse\n");
    done(&["feed", "kitchen", "on"], "");
    assert_eq!(refused(&["add", "kitchen"], "").0, Some(1));
    let (code, told) = refused(&["add", "#"], "");
    assert_eq!(code, Some(2), "{told}");
    let (code, told) = refused(&["password", "nobody"], "correct horse\n");
    assert_eq!(code, Some(1));
    assert!(told.contains("no user"), "{told}");
    let (_, told) = refused(&["password", "kitchen"], "short\n");
    assert!(told.contains("too short") && !told.contains("short\n"), "{told}");
    let token = done(&["token", "me"], "");
    let kept = std::fs::read_to_string(folder.path().join("data/token")).unwrap();
    assert_eq!(kept.trim(), token, "the next start finds it");
    let profiles = std::fs::read_to_string(folder.path().join("data/profiles.json")).unwrap();
    assert!(profiles.contains("$argon2id$") && !profiles.contains("correct horse"));
}

#[test]
fn users_are_managed_beside_a_desk_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let (config, told) =
        (simulated(folder.path()), |output: Output| (output.status.code(), String::from_utf8(output.stderr).unwrap()));
    let (mut child, _) = ready(&config);
    assert_eq!(told(user(&config, &["password", "me"], "correct horse\n")), (Some(0), String::new()));
    let (code, short) = told(user(&config, &["password", "me"], "short\n"));
    assert!(code == Some(1) && short.contains("too short"), "{short}");
    assert_eq!(told(user(&config, &["add", "kitchen"], "")), (Some(0), String::new()));
    let (code, twice) = told(user(&config, &["add", "kitchen"], ""));
    assert!(code == Some(1) && twice.contains("already"), "{twice}");
    assert_eq!(told(user(&config, &["remove", "kitchen"], "")), (Some(0), String::new()));
    let (code, owner) = told(user(&config, &["remove", "me"], ""));
    assert!(code == Some(1) && owner.contains("the owner"), "{owner}");
    let profiles = std::fs::read_to_string(folder.path().join("data/profiles.json")).unwrap();
    assert!(profiles.contains("$argon2id$") && !profiles.contains("kitchen"));
    child.kill().unwrap();
    child.wait().unwrap();
}
