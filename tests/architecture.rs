//! The arrows and borders of ARCHITECTURE.md, held to their word. Reads manifests and sources only; runs nothing.
#![allow(clippy::expect_used, reason = "a test that cannot read the sources has nothing to say")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Which of our packages each of our packages may use, in the product; tests may use more.
const ARROWS: &[(&str, &[&str])] = &[
    ("market", &[]),
    ("broker", &[]),
    ("bus", &["market", "broker"]),
    ("quote-engine", &["market", "bus"]),
    ("quickstocks-server", &["market", "bus", "broker", "quote-engine"]),
    ("quickstocks", &["market", "bus", "broker", "quote-engine", "quickstocks-server"]),
];

/// A text that may stand only under some paths: who else says it has crossed a border.
struct Border {
    text: &'static str,
    sources: &'static [&'static str],
    within: &'static [&'static str],
}

const RUST: &[&str] = &["crates", "src-tauri"];
const UI: &[&str] = &["ui/src"];

const BORDERS: &[Border] = &[
    Border { text: "tauri::", sources: RUST, within: &["src-tauri/"] },
    Border { text: "@tauri-apps", sources: UI, within: &["ui/src/platform/tauri.ts", "ui/src/bindings.ts"] },
    Border {
        text: "reqwest::",
        sources: RUST,
        // Who asks the world: vendors under a budget, and the places that users named under a guard. Two clients, because
        // what one must do (follow, keep cookies, pause a vendor) the other must not.
        within: &[
            "crates/quote-engine/src/provider",
            "crates/quote-engine/src/destinations/",
            "crates/server/tests/",
            "crates/quote-engine/tests/",
        ],
    },
    Border { text: "rumqttd::", sources: RUST, within: &["crates/broker/"] },
    Border {
        text: "\"quickstocks/v1",
        sources: RUST,
        within: &[
            "crates/bus/",
            "crates/server/src/config",
            "crates/server/tests/",
            "crates/quote-engine/tests/",
            "crates/quote-engine/benches/",
            "crates/broker/tests/",
            "crates/broker/benches/",
        ],
    },
];

/// Where pure rules live: nothing there may touch the world.
const PURE: &str = "crates/market/src";
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::thread",
    "std::time::SystemTime",
    "Instant::now",
    "Timestamp::now",
    "tokio::",
    "async fn",
];

#[test]
fn dependencies_point_one_way() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|each| each["name"].as_str()).collect();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, known, "a package came or went: say in ARROWS which others it may use");

    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let allowed = ARROWS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, allowed)| allowed);
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            let in_product = dependency["kind"].as_str() != Some("dev");
            assert!(
                !in_product || !ours.contains(used) || allowed.contains(&used),
                "{name} must not depend on {used}: arrows point app → server → quote-engine → bus → market"
            );
        }
    }
}

#[test]
fn borders_are_kept() {
    let mut crossed = Vec::new();
    for border in BORDERS {
        for path in border.sources.iter().flat_map(|folder| sources(folder)) {
            let shown = shown(&path);
            if border.within.iter().any(|place| shown.starts_with(place)) {
                continue;
            }
            crossed.extend(
                lines_with(&path, border.text).iter().map(|line| format!("{shown}:{line} says `{}`", border.text)),
            );
        }
    }
    assert!(crossed.is_empty(), "borders crossed (see “The map” in ARCHITECTURE.md):\n{}", crossed.join("\n"));
}

#[test]
fn the_rules_are_pure() {
    let mut found = Vec::new();
    for path in sources(PURE) {
        for text in IMPURE {
            found.extend(lines_with(&path, text).iter().map(|line| format!("{}:{line} says `{text}`", shown(&path))));
        }
    }
    assert!(found.is_empty(), "market has no I/O, no async and no clock:\n{}", found.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = RUST
        .iter()
        .flat_map(|folder| sources(folder))
        .filter(|path| !read(path).lines().next().unwrap_or_default().starts_with("//!"))
        .map(|path| shown(&path))
        .collect();
    assert!(silent.is_empty(), "these begin without `//!`:\n{}", silent.join("\n"));
}

/// Numbers of the lines that hold a text, comments and the module's own tests aside.
fn lines_with(path: &Path, text: &str) -> Vec<usize> {
    let says = |line: &str| !line.trim_start().starts_with("//") && line.contains(text);
    let product = |line: &&str| !line.starts_with("#[cfg(test)]");
    if path.ends_with("tests.rs") {
        return Vec::new();
    }
    read(path).lines().take_while(product).enumerate().filter(|(_, line)| says(line)).map(|(at, _)| at + 1).collect()
}

/// Every source file below a folder of the project.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .and_then(|kind| kind.to_str())
                .is_some_and(|kind| ["rs", "ts", "svelte"].contains(&kind))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a source file is readable")
}

/// A path as the project names it, with `/` on every system.
fn shown(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
