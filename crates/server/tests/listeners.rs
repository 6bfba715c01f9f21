//! The MQTT listeners as the settings have them: certificates, taken ports, and changes while the program runs.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::{fs, net::SocketAddr, path::Path};

use common::{PATIENCE, config, folder_of_two, parts, start};
use quickstocks_server::{
    PortTaken, Services, StartError,
    compose::{CERTIFICATE_FILE, KEY_FILE, MqttState},
    config::{BrokerSection, Service},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest as _};

const ANY: &str = "127.0.0.1:0";
const TLS: &[(&str, &str)] = &[("QUICKSTOCKS_BROKER__TLS_LISTEN", ANY)];

async fn services(folder: &Path, more: &[(&str, &str)], taken: PortTaken) -> Result<Services, StartError> {
    Services::start(&config(folder, more), parts(folder, taken)).await
}

fn section(folder: &Path, more: &[(&str, &str)]) -> BrokerSection {
    config(folder, more).broker
}

fn at(services: &Services, service: Service) -> Option<SocketAddr> {
    services.mqtt.borrow().of(service)?.address
}

fn fingerprint(state: &MqttState) -> String {
    state.certificate.clone().unwrap().fingerprint.unwrap()
}

/// A pair in two files of these names.
fn write_pair(folder: &Path, name: &str) -> [String; 2] {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = ["crt", "key"].map(|kind| folder.join(format!("{name}.{kind}")).to_str().unwrap().to_owned());
    fs::write(&files[0], made.cert.pem()).unwrap();
    fs::write(&files[1], made.signing_key.serialize_pem()).unwrap();
    files
}

#[tokio::test]
async fn a_pair_of_our_own_is_made_once() {
    let folder = folder_of_two();
    let path = |name| folder.path().join(name);
    let first = services(folder.path(), TLS, PortTaken::Fail).await.unwrap();
    let shown = fingerprint(&first.mqtt.borrow());
    assert_eq!(shown.split(':').count(), 32, "{shown}");
    assert!(at(&first, Service::Mqtts).is_some());
    first.stop().await;
    let made = [CERTIFICATE_FILE, KEY_FILE].map(|name| fs::read(path(name)).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(path(KEY_FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = services(folder.path(), TLS, PortTaken::Fail).await.unwrap();
    assert_eq!(fingerprint(&again.mqtt.borrow()), shown);
    again.stop().await;
    // Half a pair is not made whole: the other half may be somewhere.
    fs::remove_file(path(CERTIFICATE_FILE)).unwrap();
    let refused = services(folder.path(), TLS, PortTaken::Fail).await.unwrap_err().to_string();
    assert!(refused.starts_with("broker.tls_listen: broker.tls_cert: "), "{refused}");
    assert_eq!(fs::read(path(KEY_FILE)).unwrap(), made[1]);
    assert!(!path(CERTIFICATE_FILE).exists());
}

#[tokio::test]
async fn other_files_are_taken_up_and_broken_ones_leave_what_is_shown() {
    let folder = folder_of_two();
    let [certificate, key] = write_pair(folder.path(), "own");
    let tls = [TLS[0], ("QUICKSTOCKS_BROKER__TLS_CERT", &certificate), ("QUICKSTOCKS_BROKER__TLS_KEY", &key)];
    let services = services(folder.path(), &tls, PortTaken::Fail).await.unwrap();
    let (before, addr) = (fingerprint(&services.mqtt.borrow()), at(&services, Service::Mqtts));
    fs::write(&certificate, "no certificate").unwrap();
    services.listeners.apply(&section(folder.path(), &tls)).await;
    let state = services.mqtt.borrow().clone();
    assert_eq!(fingerprint(&state), before);
    assert!(state.certificate.unwrap().problem.unwrap().contains(&certificate));
    write_pair(folder.path(), "own");
    // By itself, without being asked.
    let mut mqtt = services.mqtt.clone();
    let renewed = mqtt.wait_for(|state| state.certificate.as_ref().is_some_and(|shown| shown.problem.is_none()));
    let renewed = fingerprint(&tokio::time::timeout(PATIENCE, renewed).await.expect("it is seen").unwrap());
    assert_ne!(renewed, before);
    assert_eq!(at(&services, Service::Mqtts), addr, "it listens where it did");
    services.stop().await;
}

#[tokio::test]
async fn listeners_come_go_and_move_while_the_program_runs() {
    let folder = folder_of_two();
    let services = services(folder.path(), &[], PortTaken::Fail).await.unwrap();
    let tcp = at(&services, Service::Mqtt).unwrap();
    let mut client = TcpStream::connect(tcp).await.unwrap();
    client.write_all(b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01a").await.unwrap();
    let mut said = [0; 4];
    client.read_exact(&mut said).await.unwrap();
    assert_eq!((said[0], said[3]), (0x20, 0), "let in");

    let all = [TLS[0], ("QUICKSTOCKS_BROKER__WEBSOCKET_LISTEN", ANY), ("QUICKSTOCKS_BROKER__WSS_LISTEN", ANY)];
    services.listeners.apply(&section(folder.path(), &all)).await;
    for service in Service::ALL {
        TcpStream::connect(at(&services, service).expect("it listens")).await.unwrap();
    }
    assert_eq!(at(&services, Service::Mqtt), Some(tcp), "what is as it was is left alone");

    services.listeners.apply(&section(folder.path(), &[("QUICKSTOCKS_BROKER__LISTEN", ""), TLS[0]])).await;
    let mut said = Vec::new();
    tokio::time::timeout(PATIENCE, client.read_to_end(&mut said)).await.expect("the end").unwrap();
    assert_eq!(said[said.len() - 4..], [0xe0, 2, 0x98, 0], "its client is told");
    assert!(TcpStream::connect(tcp).await.is_err());
    let listening: Vec<Service> = services.mqtt.borrow().listeners.iter().map(|one| one.service).collect();
    assert_eq!(listening, [Service::Mqtts]);
    services.stop().await;
}

#[tokio::test]
async fn who_may_come_without_a_login_is_settled_anew_while_the_program_runs() {
    let folder = folder_of_two();
    let services = services(folder.path(), &[], PortTaken::Fail).await.unwrap();
    let tcp = at(&services, Service::Mqtt).unwrap();
    let knock = async || {
        let mut client = TcpStream::connect(tcp).await.unwrap();
        client.write_all(b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01a").await.unwrap();
        let mut said = [0; 4];
        client.read_exact(&mut said).await.unwrap();
        (client, said[3])
    };
    let (mut client, code) = knock().await;
    assert_eq!(code, 0);
    let same = ("QUICKSTOCKS_BROKER__LISTEN", &*tcp.to_string());
    services.listeners.apply(&section(folder.path(), &[same, ("QUICKSTOCKS_BROKER__ANONYMOUS", "never")])).await;
    let mut said = Vec::new();
    tokio::time::timeout(PATIENCE, client.read_to_end(&mut said)).await.expect("the end").unwrap();
    assert_eq!(said[said.len() - 4..], [0xe0, 2, 0x87, 0], "who is there has to go");
    assert_eq!(knock().await.1, 0x87, "and nobody else comes");
    services.listeners.apply(&section(folder.path(), &[same])).await;
    assert_eq!(knock().await.1, 0);
    services.stop().await;
}

#[tokio::test]
async fn every_taken_port_is_told_and_heals_by_itself() {
    let folder = folder_of_two();
    for (service, variable) in [
        (Service::Mqtts, "QUICKSTOCKS_BROKER__TLS_LISTEN"),
        (Service::Ws, "QUICKSTOCKS_BROKER__WEBSOCKET_LISTEN"),
        (Service::Wss, "QUICKSTOCKS_BROKER__WSS_LISTEN"),
    ] {
        let taken = std::net::TcpListener::bind(ANY).unwrap();
        let addr = taken.local_addr().unwrap();
        let more = [(variable, &*addr.to_string())];
        let refused = self::services(folder.path(), &more, PortTaken::Fail).await.unwrap_err().to_string();
        let told = format!("{}: cannot listen on {addr}: another program uses it", service.setting());
        assert!(refused.starts_with(&told), "{refused}");
        let services = self::services(folder.path(), &more, PortTaken::KeepTrying).await.unwrap();
        assert!(services.mqtt.borrow().problem().unwrap().starts_with(&told));
        assert!(services.mqtt.borrow().address().is_some(), "the others listen");
        drop(taken);
        let mut mqtt = services.mqtt.clone();
        let healed = mqtt.wait_for(|state| state.problem().is_none());
        tokio::time::timeout(PATIENCE, healed).await.expect("it listens").unwrap();
        assert_eq!(at(&services, service), Some(addr));
        services.stop().await;
    }
}

#[tokio::test]
async fn our_own_page_may_open_the_websocket_and_no_other() {
    let server = start().await;
    let more = [
        ("QUICKSTOCKS_BROKER__WEBSOCKET_LISTEN", ANY),
        ("QUICKSTOCKS_BROKER__ALLOWED_ORIGINS", "https://dashboard.example"),
    ];
    server.services.listeners.apply(&section(server.folder.path(), &more)).await;
    let addr = at(&server.services, Service::Ws).unwrap();
    let own = server.origin();
    for (origin, status) in [
        (&*own, 101),
        ("https://ticker.example", 101),
        ("https://dashboard.example", 101),
        ("https://evil.example", 403),
    ] {
        let mut request = format!("ws://{addr}/mqtt").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", "mqtt".parse().unwrap());
        let answered = match tokio_tungstenite::connect_async(request).await {
            Ok((_, response)) => response.status(),
            Err(tungstenite::Error::Http(response)) => response.status(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(answered.as_u16(), status, "{origin}");
    }
    let info = server.get("/info").await;
    assert_eq!(info["mqtt_listeners"][1]["service"], "ws");
    server.services.stop().await;
}
