//! What stands in bodies: JSON of the documented shape, or a problem that names the field.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use market::watchlist::WATCHLIST_SYMBOLS_MAX;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    ApiState, params,
    problem::{Code, Problem},
};

/// Up to here every whole number is exact as a float (RFC 8259, section 6).
const WHOLE_MAX: f64 = 9_007_199_254_740_991.0;

/// A body, read.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<ApiState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(rejection.status()))?;
        read(&bytes).map(Self)
    }
}

fn unreadable(status: StatusCode) -> Problem {
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        _ => "the body broke off",
    };
    Problem::new(status, Code::Invalid, detail)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let no_json =
        |error: serde_json::Error| Problem::new(StatusCode::BAD_REQUEST, Code::Invalid, format!("no JSON: {error}"));
    let mut value: Value = serde_json::from_slice(bytes).map_err(no_json)?;
    if !value.is_object() {
        return Err(Problem::invalid("body", "must be an object"));
    }
    check_fields("", &value)?;
    write_whole_numbers(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = match error.path().to_string().as_str() {
            "." => field_named(&error.inner().to_string()),
            path => path.to_owned(),
        };
        Problem::invalid(field, error.inner().to_string())
    })
}

/// `3.0` is the whole number 3, as JSON schema has it.
fn write_whole_numbers(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(write_whole_numbers),
        Value::Array(each) => each.iter_mut().for_each(write_whole_numbers),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0 && n.abs() <= WHOLE_MAX);
            if let Some(whole) = whole {
                *number = (whole as i64).into();
            }
        }
        _ => {}
    }
}

/// The field that a message such as ``missing field `symbol` `` names.
fn field_named(message: &str) -> String {
    message.split('`').nth(1).unwrap_or("body").to_owned()
}

/// What the types below would let pass for convenience: symbols with blanks around them, lists where objects belong.
fn check_fields(path: &str, value: &Value) -> Result<(), Problem> {
    let Value::Object(fields) = value else { return Ok(()) };
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match (name.as_str(), value) {
            ("symbol" | "pinned", Value::String(text)) => params::symbol(&path, text).map(drop)?,
            ("symbols", Value::Array(each)) if each.len() > WATCHLIST_SYMBOLS_MAX => {
                return Err(Problem::invalid(path, format!("at most {WATCHLIST_SYMBOLS_MAX} symbols")));
            }
            ("symbols", Value::Array(each)) => {
                each.iter().filter_map(Value::as_str).try_for_each(|text| params::symbol(&path, text).map(drop))?;
            }
            ("condition", value) if !value.is_object() => return Err(Problem::invalid(path, "must be an object")),
            ("condition", value) if value.get("value").is_some_and(Value::is_null) => {
                return Err(Problem::invalid(format!("{path}.value"), "is a number, or left out"));
            }
            (_, below) => check_fields(&path, below)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use market::{AlertDraft, Preferences};

    use super::*;

    fn field<T: DeserializeOwned>(text: &str) -> Value {
        let problem = read::<T>(text.as_bytes()).err().expect("must be refused");
        serde_json::to_value(problem).unwrap()["field"].clone()
    }

    #[test]
    fn a_wrong_shape_names_its_field() {
        assert_eq!(field::<AlertDraft>("{}"), "symbol");
        assert_eq!(field::<AlertDraft>(r#"{"symbol":"A B"}"#), "symbol");
        assert_eq!(field::<AlertDraft>(r#"{"symbol":"A","condition":["above",3]}"#), "condition");
        assert_eq!(field::<AlertDraft>("[]"), "body");
        assert_eq!(field::<Preferences>(r#"{"theme":"pink"}"#), "theme");
        assert_eq!(field::<Preferences>(r#"{"pinned":" A"}"#), "pinned");
        assert_eq!(field::<Preferences>(r#"{"language":"de_DE"}"#), "language");
    }

    #[test]
    fn what_is_no_json_is_no_shape() {
        let problem = serde_json::to_value(read::<Preferences>(b"{").err().unwrap()).unwrap();
        assert_eq!(problem["status"], 400);
    }
}
