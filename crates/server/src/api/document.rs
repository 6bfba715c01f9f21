//! The `OpenAPI` document: what the handlers say of themselves, and what only the checks behind them know.

use market::{
    destination::{EMAIL_PATTERN, NAME_PATTERN, URL_PATTERN},
    price::{PRICE_MAX, PRICE_MIN},
    symbol::SYMBOL_PATTERN,
    watchlist::WATCHLIST_NAME_MAX,
};
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
    components(schemas(Problem, Code, market::ExportFormat, market::MarketList)),
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
    write_formats_out(&mut json);
    narrow_schemas(&mut json["components"]["schemas"]);
    if let Some(paths) = json["paths"].as_object_mut() {
        for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
            narrow_parameters(operation);
            if operation["requestBody"].is_object() {
                operation["requestBody"]["required"] = json!(true);
            }
        }
    }
    json
}

/// Days and moments as patterns: `format` is a remark (JSON schema, section 7.2.1).
fn write_formats_out(schema: &mut Value) {
    let pattern = match schema["format"].as_str() {
        Some("date") => Some(format!("^{}$", params::DATE_PATTERN)),
        Some("date-time") => Some(format!("^{}{}$", params::DATE_PATTERN, params::TIME_PATTERN)),
        _ => None,
    };
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(write_formats_out);
            fields.extend(pattern.map(|pattern| ("pattern".to_owned(), pattern.into())));
        }
        Value::Array(each) => each.iter_mut().for_each(write_formats_out),
        _ => {}
    }
}

/// Where watchlists' names stand: in which schema, as which property.
const LIST_NAMES: [(&str, &str); 3] = [("ListName", "name"), ("SymbolPlace", "list"), ("ImportChoice", "list")];

fn narrow_schemas(schemas: &mut Value) {
    if schemas["Symbol"].is_object() {
        schemas["Symbol"]["pattern"] = json!(SYMBOL_PATTERN);
    }
    for (schema, property) in LIST_NAMES {
        let text = &mut schemas[schema]["properties"][property];
        text["pattern"] = json!(params::LIST_PATTERN);
        (text["minLength"], text["maxLength"]) = (json!(1), json!(WATCHLIST_NAME_MAX));
    }
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    schemas["Preferences"]["properties"]["time_zone"]["enum"] =
        zones.into_iter().map(Value::from).chain([Value::Null]).collect();
    schemas["PreferencesChange"] = change_of(&schemas["Preferences"]);
    let positive = |each: &mut Value| {
        let kind = each.pointer("/properties/kind/enum/0").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(value) = each.pointer_mut("/properties/value").filter(|value| value.is_object()) else { return };
        match kind.as_str() {
            "above" | "below" => (value["minimum"], value["maximum"]) = (json!(PRICE_MIN), json!(PRICE_MAX)),
            "day_move" | "volume_spike" => value["exclusiveMinimum"] = json!(0),
            _ => {}
        }
    };
    let place = |each: &mut Value| {
        for (property, pattern) in [("address", EMAIL_PATTERN), ("url", URL_PATTERN), ("server", URL_PATTERN)] {
            if let Some(text) = each.pointer_mut(&format!("/properties/{property}")) {
                text["pattern"] = json!(pattern);
            }
        }
    };
    for schema in ["Destination", "NewDestination"] {
        schemas[schema]["properties"]["name"]["pattern"] = json!(NAME_PATTERN);
    }
    schemas["Target"]["oneOf"].as_array_mut().into_iter().flatten().for_each(place);
    let closed = |each: &mut Value| each["additionalProperties"] = json!(false);
    for schema in ["Login", "Condition"] {
        schemas[schema]["oneOf"].as_array_mut().into_iter().flatten().for_each(closed);
    }
    let lot = &mut schemas["Lot"]["properties"];
    (lot["quantity"]["minimum"], lot["quantity"]["maximum"]) = (json!(PRICE_MIN), json!(PRICE_MAX));
    let priced = json!({"type": "number", "minimum": PRICE_MIN, "maximum": PRICE_MAX});
    lot["cost"] = json!({"description": lot["cost"]["oneOf"][0]["description"], "anyOf": [{"type": "null"}, {"const": 0}, priced]});
    schemas["Condition"]["oneOf"].as_array_mut().into_iter().flatten().for_each(positive);
}

/// A JSON merge patch of an object: everything may be left out, and `null` takes back what was chosen.
fn change_of(whole: &Value) -> Value {
    let mut change = whole.clone();
    change["description"] = json!("What is to be different; `null` goes back to what it is when nothing is chosen.");
    for property in change["properties"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        *property = json!({"anyOf": [{"type": "null"}, property.take()]});
    }
    change
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
