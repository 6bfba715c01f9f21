//! Where a configuration comes from, and what each source sets: a file, the environment, flags, the strongest last.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Format as _, Serialized, Toml},
};
use serde_json::Value;

use super::{
    Config, ConfigError, FILE_NAME, Overrides, default_data_dir,
    env::{self, FromEnv},
    error, rules,
};

/// Takes any TOML, so that only its syntax can be wrong.
type Anything = BTreeMap<String, figment::value::Value>;

/// A file, the environment and flags. Holds no secret: those of the environment are not read.
#[derive(Debug, Clone)]
pub struct Sources {
    file: PathBuf,
    /// Whether the user named the file: the data folder's own may be missing.
    named: bool,
    env: FromEnv,
    overrides: Overrides,
}

impl Sources {
    /// The named file, or the data folder's own; complains about a variable that nobody knows.
    pub fn new(
        file: Option<&Path>,
        vars: impl IntoIterator<Item = (String, String)>,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let env = env::read(vars)?;
        let (named, overrides) = (file.is_some(), overrides.clone());
        let file = file.map_or_else(|| data_dir(&env, &overrides).join(FILE_NAME), Path::to_owned);
        Ok(Self { file, named, env, overrides })
    }

    /// The file that is read, and changed.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether the user named the file, so that it must be there.
    pub fn is_named(&self) -> bool {
        self.named
    }

    /// What all of them say together.
    pub fn load(&self) -> Result<Config, ConfigError> {
        self.load_text(&self.text()?)
    }

    /// The same; where the data folder's own file is wrong, what the others say, and what is wrong with it. Somebody who
    /// clicks on an icon has to see a window that tells.
    pub fn load_or_without_file(&self) -> Result<(Config, Option<ConfigError>), ConfigError> {
        match self.load() {
            Err(wrong) if !self.named => match self.load_text("") {
                Ok(config) => Ok((config, Some(wrong))),
                Err(_) => Err(wrong),
            },
            loaded => Ok((loaded?, None)),
        }
    }

    /// What stands in the file; nothing where it is the data folder's own and not there.
    pub(super) fn text(&self) -> Result<String, ConfigError> {
        let missing = |file: &Path| matches!(file.metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound);
        if !self.named && missing(&self.file) {
            return Ok(String::new());
        }
        error::read(&self.file)
    }

    /// What all of them say, were this the text of the file.
    pub(super) fn load_text(&self, text: &str) -> Result<Config, ConfigError> {
        let mut figment = Figment::from(Toml::string(text));
        // The file's own complaints first: those of a merged whole would name the wrong place.
        figment.extract::<Anything>().map_err(|e| ConfigError::syntax(&self.file, &e))?;
        self.refuse_moving(&figment)?;
        figment = figment.merge(Serialized::defaults(self.env.tree.clone()));
        for (key, _, value) in self.overrides.set() {
            figment = figment.merge(Serialized::default(key, value));
        }
        rules::known_keys_only(&figment, self)?;
        let config: Config = figment.extract().map_err(|e| rules::wrong_value(&e, self))?;
        rules::check(&config, self)?;
        Ok(config)
    }

    /// A file that is found through the data folder cannot say where that is.
    fn refuse_moving(&self, file: &Figment) -> Result<(), ConfigError> {
        if self.named || !file.contains("data_dir") {
            return Ok(());
        }
        let problem = "this file stands in the data folder and cannot move it; allowed: --data-dir, \
                       QUICKSTOCKS_DATA_DIR, or a file elsewhere that --config names";
        Err(ConfigError::Value {
            place: self.file.display().to_string(),
            key: "data_dir".into(),
            problem: problem.into(),
        })
    }

    /// What sets a key in place of the file: a flag, or a variable of the environment.
    pub fn overridden_by(&self, key: &str) -> Option<String> {
        let by_flag = self.overrides.set().find(|(set, ..)| *set == key).map(|(_, flag, _)| flag);
        let by_env = || self.env.variables.get(key).map(|variable| format!("environment {variable}"));
        by_flag.map(str::to_owned).or_else(by_env)
    }

    /// Where the value of a key was set.
    pub(super) fn of(&self, key: &str) -> String {
        self.overridden_by(key).unwrap_or_else(|| self.file.display().to_string())
    }

    /// A complaint about the value of a key.
    pub(crate) fn wrong(&self, key: &str, problem: impl Into<String>) -> ConfigError {
        ConfigError::Value { place: self.of(key), key: key.into(), problem: problem.into() }
    }
}

impl Overrides {
    /// The keys that are set, each by which flag and to what.
    fn set(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let path = |path: &PathBuf| path.display().to_string();
        let all = [
            ("data_dir", "--data-dir", self.data_dir.as_ref().map(path)),
            ("feed.provider", "--feed", self.feed.clone()),
            ("broker.url", "--broker", self.broker.clone()),
            ("broker.user", "--broker-user", self.broker_user.clone()),
            ("broker.password_file", "--broker-password-file", self.broker_password_file.as_ref().map(path)),
        ];
        all.into_iter().filter_map(|(key, flag, value)| Some((key, flag, value?)))
    }
}

/// The data folder, as everything but a file says it.
fn data_dir(env: &FromEnv, overrides: &Overrides) -> PathBuf {
    let of_env = || env.tree.get("data_dir").and_then(Value::as_str).map(PathBuf::from);
    overrides.data_dir.clone().or_else(of_env).unwrap_or_else(default_data_dir)
}
