//! What the checks share: their list, a connection, comparison.

use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};

use futures_util::stream::{self, StreamExt};
use native_tls::TlsConnector;
use postgres_native_tls::MakeTlsConnector;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config};

pub type Failure = Box<dyn Error>;
pub type Outcome = Result<(), Failure>;

pub const ENDLESS: &str = "SELECT count(*) FROM generate_series(1, 100000000000) g";

pub struct List {
    prefix: &'static str,
    runtime: Runtime,
    failed: bool,
}

impl List {
    pub fn new(prefix: &'static str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        List {
            prefix,
            runtime,
            failed: false,
        }
    }

    /// A check fails with an error, or by a panic of the driver's getters.
    pub fn check(&mut self, name: &str, body: impl Future<Output = Outcome>) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.runtime.block_on(body)));
        match outcome.unwrap_or_else(|panic| Err(panic.downcast_ref::<String>().cloned().unwrap_or_default().into())) {
            Ok(()) => println!("ok {} {name}", self.prefix),
            Err(error) => {
                self.failed = true;
                let mut text = error.to_string();
                let mut cause = error.source();
                while let Some(inner) = cause {
                    text = format!("{text}: {inner}");
                    cause = inner.source();
                }
                println!("not ok {} {name}: {}", self.prefix, text.replace('\n', " "));
            }
        }
    }

    pub fn status(&self) -> i32 {
        i32::from(self.failed)
    }
}

#[track_caller]
pub fn equal<T: PartialEq<U> + Debug, U: Debug>(actual: T, expected: U) -> Outcome {
    if actual == expected {
        return Ok(());
    }
    let line = std::panic::Location::caller();
    Err(format!("{}:{}: {actual:?}, expected {expected:?}", line.file(), line.line()).into())
}

/// The SQLSTATE of a call that must fail.
#[track_caller]
pub fn raises<T>(
    state: &SqlState,
    result: Result<T, tokio_postgres::Error>,
) -> Result<tokio_postgres::error::DbError, Failure> {
    let line = std::panic::Location::caller().line();
    let Err(error) = result else {
        return Err(format!("line {line}: no error, expected {}", state.code()).into());
    };
    match error.as_db_error() {
        Some(known) if known.code() == state => Ok(known.clone()),
        Some(known) => Err(format!(
            "line {line}: {} {}, expected {}",
            known.code().code(),
            known.message(),
            state.code()
        )
        .into()),
        None => Err(format!("line {line}: {error}, expected {}", state.code()).into()),
    }
}

pub fn config() -> Config {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let mut config = Config::new();
    config
        .host(variable("PGHOST"))
        .port(variable("PGPORT").parse().unwrap_or(5432))
        .dbname(variable("PGDATABASE"))
        .user(variable("PGUSER"))
        .password(variable("PGPASSWORD"))
        .ssl_mode(tokio_postgres::config::SslMode::Require);
    config
}

/// TLS as with sslmode=require: whatever certificate the server has.
pub fn tls() -> Result<MakeTlsConnector, Failure> {
    Ok(MakeTlsConnector::new(
        TlsConnector::builder()
            .danger_accept_invalid_certs(true)
            .danger_accept_invalid_hostnames(true)
            .build()?,
    ))
}

/// A connection and what the server says without being asked.
pub async fn connect_with(config: &Config) -> Result<(Client, UnboundedReceiver<AsyncMessage>), Failure> {
    let (client, mut connection) = config.connect(tls()?).await?;
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if sender.send(message).is_err() {
                // nobody listens; the connection must go on being polled
            }
        }
    });
    Ok((client, receiver))
}

pub async fn connect() -> Result<Client, Failure> {
    Ok(connect_with(&config()).await?.0)
}
