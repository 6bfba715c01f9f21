//! What a program can check about itself: one value on its way through the broker, read by an ordinary MQTT client.

use std::{net::SocketAddr, time::Duration};

use bus::{Bus, Message, Status};
use market::Timestamp;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};

/// How long the whole round trip may take.
const TIME_OUT: Duration = Duration::from_secs(5);

/// Why the round trip did not come about.
#[derive(Debug, thiserror::Error)]
pub enum RoundTripError {
    /// The client could not connect, or lost its connection.
    #[error("connecting to {addr}: {source}")]
    Client {
        /// Where to.
        addr: SocketAddr,
        /// What rumqttc says.
        #[source]
        source: Box<rumqttc::ConnectionError>,
    },
    /// The client has ended before it could subscribe.
    #[error("subscribing at {addr}: {source}")]
    Subscribe {
        /// Where.
        addr: SocketAddr,
        /// What rumqttc says.
        #[source]
        source: Box<rumqttc::ClientError>,
    },
    /// The bus did not take it.
    #[error(transparent)]
    Publish(#[from] bus::Error),
    /// Nothing came in time.
    #[error("nothing arrived at {addr} within {TIME_OUT:?}")]
    TimedOut {
        /// Where.
        addr: SocketAddr,
    },
}

/// Publishes in-process and reads the same value with rumqttc over TCP; how long that took.
pub async fn mqtt_round_trip(bus: &Bus, addr: SocketAddr) -> Result<Duration, RoundTripError> {
    let round_trip = tokio::time::timeout(TIME_OUT, publish_and_read(bus, addr)).await;
    round_trip.unwrap_or(Err(RoundTripError::TimedOut { addr }))
}

async fn publish_and_read(bus: &Bus, addr: SocketAddr) -> Result<Duration, RoundTripError> {
    let sign: u32 = rand::random();
    let status = Status {
        service: "selftest".into(),
        instance: format!("{sign:08x}"),
        online: true,
        since: Timestamp::now(),
        version: crate::VERSION.into(),
        note: None,
    };
    let topic = bus.topics().format(&Message::Status(status.clone()).topic());
    let options = MqttOptions::new(format!("quickstocks-selftest-{sign:08x}"), addr.ip().to_string(), addr.port());
    let (client, mut events) = AsyncClient::new(options, 10);
    client
        .subscribe(&topic, QoS::AtMostOnce)
        .await
        .map_err(|source| RoundTripError::Subscribe { addr, source: Box::new(source) })?;
    wait_for(&mut events, addr, |packet| matches!(packet, Packet::SubAck(_))).await?;
    let began = std::time::Instant::now();
    bus.publish(&Message::Status(status.clone())).await?;
    let arrived = wait_for(&mut events, addr, |packet| matches!(packet, Packet::Publish(p) if p.topic == topic)).await;
    bus.publish(&Message::Status(status.offline(Timestamp::now()))).await?;
    arrived.map(|()| began.elapsed())
}

async fn wait_for(
    events: &mut EventLoop,
    addr: SocketAddr,
    is_it: impl Fn(&Packet) -> bool,
) -> Result<(), RoundTripError> {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(packet)) if is_it(&packet) => return Ok(()),
            Ok(_) => {}
            Err(source) => return Err(RoundTripError::Client { addr, source: Box::new(source) }),
        }
    }
}
