//! The program `quickstocks`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")] // not run on Windows here

fn main() -> std::process::ExitCode {
    quickstocks_lib::run()
}
