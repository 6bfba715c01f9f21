//! What a user has as files: import with a look before, export, and the states that were kept.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use market::{
    Backups, ExportFormat, Import,
    portable::{export as exported, read_import},
    profile::Edit,
};

use super::{
    ApiState,
    auth::OwnUser,
    body::Body,
    params::{PathBackup, QueryFormat},
    problem::Problem,
    shapes::{Problems, ToImport},
};

/// Reads a file; takes it in where a choice says what of it.
///
/// Without a choice nothing is changed: the answer says what is in the file and, line by line, what cannot be taken in.
#[utoipa::path(post, path = "/users/{user}/import", tag = "users", params(("user" = String, Path)),
    request_body = ToImport,
    responses((status = 200, description = "What is in the file; with a choice, taken in and saved", body = Import),
        Problems))]
pub(super) async fn import(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    Body(ToImport { text, choice }): Body<ToImport>,
) -> Result<Json<Import>, Problem> {
    let import = read_import(text.as_bytes()).map_err(|error| Problem::invalid("text", error.to_string()))?;
    if let Some(choice) = choice {
        state.desk.apply(&user, Edit::Import { import: Box::new(import.clone()), choice }).await?;
    }
    Ok(Json(import))
}

/// What the user has, as a file.
#[utoipa::path(get, path = "/users/{user}/export", tag = "users",
    params(("user" = String, Path), ("format" = Option<ExportFormat>, Query, description = "Which kind; json")),
    responses((status = 200, description = "Everything as JSON, or lists, notes and holdings as a table",
        content((Value = "application/json"), (String = "text/csv"))), Problems))]
pub(super) async fn export(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    QueryFormat(format): QueryFormat,
) -> Result<Response, Problem> {
    let (kind, disposition) = match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"quickstocks.csv\""),
        ExportFormat::Json => ("application/json", "attachment; filename=\"quickstocks.json\""),
    };
    let file = exported(&state.desk.profile(&user)?, format);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], file).into_response())
}

/// The states that were kept, the newest first.
#[utoipa::path(get, path = "/users/{user}/backups", tag = "users", params(("user" = String, Path)),
    responses((status = 200, description = "Ten at the most", body = Backups), Problems))]
pub(super) async fn backups(State(state): State<ApiState>, OwnUser(user): OwnUser) -> Result<Json<Backups>, Problem> {
    state.desk.profile(&user)?;
    Ok(Json(state.desk.backups(&user).await?))
}

/// Goes back to a state that was kept; the present one is kept before.
#[utoipa::path(post, path = "/users/{user}/backups/{backup}/restore", tag = "users",
    params(("user" = String, Path), ("backup" = String, Path)),
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn restore(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathBackup(id): PathBackup,
) -> Result<StatusCode, Problem> {
    state.desk.restore(&user, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
