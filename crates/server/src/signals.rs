//! What asks a program to end, or to look at its configuration again, as each system says it.
//!
//! The end of a session reaches a program without a window here; one with a window hears of it from its window.

use std::io;

pub use system::{Endings, Hangups};

#[cfg(unix)]
mod system {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::io;

    /// What asks a program to end: SIGTERM, or Ctrl-C.
    #[derive(Debug)]
    pub struct Endings {
        terminate: Signal,
        interrupt: Signal,
    }

    impl Endings {
        /// From now on they end nothing by themselves.
        pub fn new() -> io::Result<Self> {
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        }

        /// The next one.
        pub async fn next(&mut self) {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
        }
    }

    /// What asks a server to look at its configuration again, and tells an app that its terminal is gone: SIGHUP.
    #[derive(Debug)]
    pub struct Hangups(Signal);

    impl Hangups {
        /// From now on they end nothing by themselves.
        pub fn new() -> io::Result<Self> {
            Ok(Self(signal(SignalKind::hangup())?))
        }

        /// The next one.
        pub async fn next(&mut self) {
            if self.0.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(windows)]
mod system {
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_logoff,
        ctrl_shutdown,
    };

    use super::io;

    /// What asks a program to end: Ctrl-C, Ctrl-Break, the close of its console, and the end of the session or the
    /// system. Windows gives it some seconds after the last three, whatever it does.
    #[derive(Debug)]
    pub struct Endings {
        interrupt: CtrlC,
        break_off: CtrlBreak,
        close: CtrlClose,
        logoff: CtrlLogoff,
        shutdown: CtrlShutdown,
    }

    impl Endings {
        /// From now on they end nothing by themselves.
        pub fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                break_off: ctrl_break()?,
                close: ctrl_close()?,
                logoff: ctrl_logoff()?,
                shutdown: ctrl_shutdown()?,
            })
        }

        /// The next one.
        pub async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.break_off.recv() => {}
                _ = self.close.recv() => {}
                _ = self.logoff.recv() => {}
                _ = self.shutdown.recv() => {}
            }
        }
    }

    /// Windows has none.
    #[derive(Debug)]
    pub struct Hangups;

    impl Hangups {
        /// None will come.
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Never.
        pub async fn next(&mut self) {
            std::future::pending::<()>().await;
        }
    }
}
