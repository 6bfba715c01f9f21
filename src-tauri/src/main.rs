//! The program `quickstocks`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    quickstocks_lib::run()
}
