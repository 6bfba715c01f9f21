//! The four ways in which MQTT clients connect.

use serde::{Deserialize, Serialize};

/// How an MQTT client connects; named as in its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// TCP.
    Mqtt,
    /// TLS.
    Mqtts,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Service {
    /// Every one there is.
    pub const ALL: [Self; 4] = [Self::Mqtt, Self::Mqtts, Self::Ws, Self::Wss];

    /// What stands before `://`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mqtt => "mqtt",
            Self::Mqtts => "mqtts",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The key that says where.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Mqtt => "broker.listen",
            Self::Mqtts => "broker.tls_listen",
            Self::Ws => "broker.websocket_listen",
            Self::Wss => "broker.wss_listen",
        }
    }

    /// The port that is taken where nobody says another: those that clients know.
    pub fn port(self) -> u16 {
        match self {
            Self::Mqtt => 1883,
            Self::Mqtts => 8883,
            Self::Ws => 8083,
            Self::Wss => 8084,
        }
    }

    /// Whether a certificate is shown.
    pub fn has_tls(self) -> bool {
        matches!(self, Self::Mqtts | Self::Wss)
    }

    /// Whether web pages can connect.
    pub fn is_web(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }
}
