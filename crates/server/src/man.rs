//! The manual page, from what the command line says of itself. It must never say anything that the program would not.

use std::{fmt::Write as _, io};

use clap::{Arg, Command};
use clap_mangen::Man;
use roff::{Roff, bold, roman};

/// What the command line cannot tell of itself.
const ENVIRONMENT: &str = "Every key of the configuration is a variable, too: QUICKSTOCKS_BROKER__LISTEN is listen in \
    [broker]. Options beat the environment, the environment beats the file.";
const FILES: &[(&str, &str)] = &[
    ("~/.local/share/app.quickstocks.desktop", "The data folder, unless it is said to be elsewhere."),
    ("/var/lib/quickstocks", "The data folder of the service that systemd runs: quickstocksd.service."),
    ("config.toml", "In the data folder: the configuration, unless --config names another."),
    ("token", "In the data folder: what opens MQTT, REST and the web page to the user me."),
];
const EXIT_STATUS: &[(&str, &str)] =
    &[("0", "Fine."), ("1", "Failed at run time."), ("2", "Wrong usage or configuration.")];

/// The page, in roff.
pub(crate) fn page(mut command: Command) -> io::Result<Vec<u8>> {
    command.build();
    let man = Man::new(command.clone()).manual("Quickstocks").date("");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    commands(&mut roff, &command);
    roff.control("SH", ["ENVIRONMENT"]).text([roman(ENVIRONMENT)]);
    list(&mut roff, "FILES", FILES);
    list(&mut roff, "EXIT STATUS", EXIT_STATUS);
    roff.to_writer(&mut page)?;
    Ok(page)
}

fn list(roff: &mut Roff, title: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (term, text) in entries {
        roff.control("TP", []).text([bold(*term)]).text([roman(*text)]);
    }
}

/// One entry for each command that does something by itself.
fn commands(roff: &mut Roff, parent: &Command) {
    for command in parent.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help") {
        if command.has_subcommands() {
            commands(roff, command);
        } else {
            roff.control("TP", []).text([bold(invocation(command))]).text([roman(about(command))]);
        }
    }
}

/// The command as it is typed, without the program's name: `user add NAME`.
fn invocation(command: &Command) -> String {
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let words = path.split(' ').skip(1).map(str::to_owned);
    let arguments = own_arguments(command).filter(|argument| argument.is_positional()).map(Arg::to_string);
    words.chain(arguments).collect::<Vec<_>>().join(" ")
}

/// What it does, and what each of its own arguments says, in sentences.
fn about(command: &Command) -> String {
    let mut text = command.get_about().map(ToString::to_string).unwrap_or_default();
    for argument in own_arguments(command) {
        if let Some(help) = argument.get_help() {
            // Writing into a String cannot fail.
            let _ = write!(text, ". {argument}: {help}");
        }
    }
    text.push('.');
    text
}

fn own_arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| {
        !argument.is_global_set()
            && !argument.is_hide_set()
            && !matches!(argument.get_id().as_str(), "help" | "version")
    })
}
