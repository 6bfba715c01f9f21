//! The `OpenAPI` document: what the handlers say of themselves, and what only the checks behind them know.

use market::price::{PRICE_MAX, PRICE_MIN};
use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};

use super::{
    params,
    problem::{Code, Problem},
    shapes::pattern_of,
};

/// The frame of the document.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Quickstocks",
        description = "Quotes, watchlists and alerts. The live stream is a WebSocket at `/api/v1/stream`: the snapshot \
                       first, then batches of the newest quotes; without an upgrade it answers the snapshot alone.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem, Code, market::MarketList)),
    security(("token" = []), ("login" = []))
)]
pub(super) struct Document;

/// The document as JSON, with the logins and with the patterns that the checks really have.
pub(super) fn finished(mut document: utoipa::openapi::OpenApi) -> Value {
    let components = document.components.get_or_insert_default();
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::auth::COOKIE)));
    components.add_security_scheme("token", token);
    components.add_security_scheme("login", cookie);
    let mut json = serde_json::to_value(document).unwrap_or_default();
    narrow_schemas(&mut json["components"]["schemas"]);
    if let Some(paths) = json["paths"].as_object_mut() {
        for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
            narrow_parameters(operation);
        }
    }
    json
}

fn narrow_schemas(schemas: &mut Value) {
    if schemas["Symbol"].is_object() {
        schemas["Symbol"]["pattern"] = json!(params::SYMBOL_PATTERN);
    }
    let positive = |each: &mut Value| {
        let kind = each.pointer("/properties/kind/enum/0").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(value) = each.pointer_mut("/properties/value").filter(|value| value.is_object()) else { return };
        match kind.as_str() {
            "above" | "below" => (value["minimum"], value["maximum"]) = (json!(PRICE_MIN), json!(PRICE_MAX)),
            "day_move" | "volume_spike" => value["exclusiveMinimum"] = json!(0),
            _ => {}
        }
    };
    let closed = |each: &mut Value| each["additionalProperties"] = json!(false);
    schemas["Login"]["oneOf"].as_array_mut().into_iter().flatten().for_each(closed);
    schemas["Condition"]["oneOf"].as_array_mut().into_iter().flatten().for_each(positive);
}

fn narrow_parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let named = parameter["name"].as_str().and_then(pattern_of);
        if let Some(pattern) = named.filter(|_| parameter["in"] == "path") {
            parameter["schema"] = json!({"type": "string", "pattern": pattern, "minLength": 1});
            match parameter["name"].as_str() {
                Some("user") => parameter["example"] = json!("me"),
                Some("provider") => parameter["example"] = json!("finnhub"),
                _ => {}
            }
        }
    }
}
