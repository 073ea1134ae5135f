//! Values both ways, and how columns and parameters are described.

use std::collections::HashMap;
use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use postgres_types::{FromSql, Kind, ToSql, Type};
use serde_json::{json, Value};
use tokio_postgres::{Client, SimpleQueryMessage};
use uuid::Uuid;

use crate::checks::{connect, equal, raises, Failure, Outcome};

/// `SELECT $1::type` three times: as it comes the value must go.
async fn round_trip<T>(db: &Client, sql_type: &str, value: T) -> Outcome
where
    T: ToSql + Sync + PartialEq + Debug + for<'a> FromSql<'a>,
{
    for _ in 0..3 {
        let row = db
            .query_one(&format!("SELECT $1::{sql_type}"), &[&value])
            .await
            .map_err(|error| format!("{sql_type}: {}", text(&error)))?;
        let actual: T = row
            .try_get(0)
            .map_err(|error| format!("{sql_type}: {}", text(&error)))?;
        if actual != value {
            return Err(format!("{sql_type}: {actual:?}, expected {value:?}").into());
        }
    }
    Ok(())
}

fn text(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(known) => format!("{} {}", known.code().code(), known.message()),
        None => format!(
            "{error}: {:?}",
            std::error::Error::source(error).map(ToString::to_string)
        ),
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn moment() -> NaiveDateTime {
    day(2024, 1, 2).and_time(NaiveTime::from_hms_micro_opt(3, 4, 5, 6).unwrap_or_default())
}

pub async fn every_type() -> Outcome {
    let db = connect().await?;
    round_trip(&db, "bool", true).await?;
    round_trip(&db, "int2", -7_i16).await?;
    round_trip(&db, "int4", i32::MIN).await?;
    round_trip(&db, "int8", i64::MAX).await?;
    round_trip(&db, "float4", 1.5_f32).await?;
    round_trip(&db, "float8", 0.1_f64).await?;
    round_trip(&db, "float8", f64::NEG_INFINITY).await?;
    round_trip(&db, "text", "žluťoučký 'kůň' \\ \" \t\n".to_owned()).await?;
    round_trip(&db, "varchar", String::new()).await?;
    round_trip(&db, "bytea", vec![0_u8, 255, 39, 92]).await?;
    round_trip(&db, "date", day(2024, 2, 29)).await?;
    round_trip(&db, "date", day(1582, 1, 1)).await?;
    round_trip(
        &db,
        "time",
        NaiveTime::from_hms_micro_opt(10, 20, 30, 123_456).unwrap_or_default(),
    )
    .await?;
    round_trip(&db, "timestamp", moment()).await?;
    round_trip::<DateTime<Utc>>(&db, "timestamptz", moment().and_utc()).await?;
    round_trip::<SystemTime>(&db, "timestamptz", UNIX_EPOCH + Duration::from_secs(1_700_000_000)).await?;
    round_trip(&db, "uuid", Uuid::from_u128(5)).await?;
    round_trip(&db, "json", json!({"a": [1, "x", null]})).await?;
    // the driver has no numeric: as text, both ways
    for number in ["-1234567.80", "0.00", "12345678901234.56"] {
        let row = db.query_one("SELECT $1::text::numeric(30,2)::text", &[&number]).await?;
        equal(row.get::<_, &str>(0), number)?;
    }
    Ok(())
}

pub async fn arrays() -> Outcome {
    let db = connect().await?;
    round_trip(&db, "int4[]", vec![1, 2, 3]).await?;
    round_trip(&db, "int8[]", Vec::<i64>::new()).await?;
    round_trip(
        &db,
        "text[]",
        vec![
            Some("a".to_owned()),
            None,
            Some("q\"'\\ NULL".to_owned()),
            Some(String::new()),
        ],
    )
    .await?;
    round_trip(&db, "float8[]", vec![0.5, -1.0]).await?;
    round_trip(&db, "bool[]", vec![true, false]).await?;
    round_trip(&db, "uuid[]", vec![Uuid::from_u128(7)]).await?;
    round_trip(&db, "timestamp[]", vec![moment()]).await?;
    round_trip(&db, "bytea[]", vec![vec![0_u8, 255]]).await?;
    let names = db
        .query(
            "SELECT name FROM in_c_sales.customers WHERE id = ANY($1) ORDER BY id",
            &[&vec![1_i64, 3]],
        )
        .await?;
    equal(
        names.iter().map(|row| row.get(0)).collect::<Vec<String>>(),
        ["Ada", "Čeněk"],
    )
}

pub async fn nulls() -> Outcome {
    let db = connect().await?;
    round_trip(&db, "bool", None::<bool>).await?;
    round_trip(&db, "int8", None::<i64>).await?;
    round_trip(&db, "float8", None::<f64>).await?;
    round_trip(&db, "text", None::<String>).await?;
    round_trip(&db, "bytea", None::<Vec<u8>>).await?;
    round_trip(&db, "timestamptz", None::<DateTime<Utc>>).await?;
    round_trip(&db, "uuid", None::<Uuid>).await?;
    round_trip(&db, "json", None::<Value>).await?;
    round_trip(&db, "int4[]", None::<Vec<i32>>).await
}

#[derive(Debug, PartialEq, ToSql, FromSql)]
#[postgres(name = "rmood", rename_all = "snake_case")]
enum Mood {
    Sad,
    Ok,
}

pub async fn enums() -> Outcome {
    let db = connect().await?;
    db.batch_execute(
        "DROP TABLE IF EXISTS rmoods; DROP TYPE IF EXISTS rmood; CREATE TYPE rmood AS ENUM ('sad', 'ok'); CREATE TABLE rmoods (id int, m rmood, ms rmood[])",
    )
    .await?;
    let insert = db.prepare("INSERT INTO rmoods VALUES ($1, $2, $3)").await?;
    let kinds: Vec<&str> = insert.params().iter().map(Type::name).collect();
    equal(kinds, ["int4", "rmood", "_rmood"])?;
    equal(
        insert.params()[1].kind(),
        &Kind::Enum(vec!["sad".to_owned(), "ok".to_owned()]),
    )?;
    db.execute(&insert, &[&1, &Mood::Ok, &vec![Mood::Sad, Mood::Ok]])
        .await?;
    db.execute(&insert, &[&2, &None::<Mood>, &None::<Vec<Mood>>]).await?;
    let rows = db.query("SELECT m, ms FROM rmoods ORDER BY id", &[]).await?;
    equal(rows[0].try_get::<_, Mood>(0)?, Mood::Ok)?;
    equal(rows[0].try_get::<_, Vec<Mood>>(1)?, vec![Mood::Sad, Mood::Ok])?;
    equal(rows[1].try_get::<_, Option<Mood>>(0)?, None)?;
    equal(
        db.query("SELECT id FROM rmoods WHERE m = $1", &[&Mood::Ok])
            .await?
            .len(),
        1,
    )?;
    db.batch_execute("DROP TABLE rmoods; DROP TYPE rmood").await?;
    Ok(())
}

pub async fn descriptions() -> Outcome {
    let db = connect().await?;
    let statement = db
        .prepare("SELECT id, name, $1::text AS extra FROM in_c_sales.customers WHERE id = $2 AND city LIKE $3")
        .await?;
    equal(statement.params(), [Type::TEXT, Type::INT8, Type::TEXT])?;
    let columns: Vec<(&str, &Type)> = statement
        .columns()
        .iter()
        .map(|column| (column.name(), column.type_()))
        .collect();
    equal(
        columns,
        [("id", &Type::INT8), ("name", &Type::TEXT), ("extra", &Type::TEXT)],
    )?;
    let orders = db.prepare("SELECT * FROM in_c_sales.orders").await?;
    let table_ids: Vec<Option<u32>> = orders.columns().iter().map(tokio_postgres::Column::table_oid).collect();
    let oid: u32 = db
        .query_one("SELECT 'in_c_sales.orders'::regclass::oid", &[])
        .await?
        .get(0);
    equal(table_ids, [Some(oid); 5])?;
    equal(orders.columns()[2].column_id(), Some(3))?;
    let insert = db.prepare("SELECT 1 WHERE false").await?;
    equal(db.execute(&insert, &[]).await?, 0)
}

pub async fn simple_query() -> Outcome {
    let db = connect().await?;
    let messages = db
        .simple_query("SELECT id, note FROM in_c_sales.orders WHERE id IN (2, 3) ORDER BY id; SELECT 'x' AS y")
        .await?;
    let mut seen = Vec::new();
    for message in &messages {
        match message {
            SimpleQueryMessage::Row(row) => seen.push(format!(
                "{:?}",
                (0..row.len()).map(|column| row.get(column)).collect::<Vec<_>>()
            )),
            SimpleQueryMessage::CommandComplete(count) => seen.push(format!("{count} rows")),
            SimpleQueryMessage::RowDescription(columns) => {
                seen.push(columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(","))
            }
            _ => {}
        }
    }
    equal(
        seen,
        [
            "id,note",
            "[Some(\"2\"), Some(\"note 2\")]",
            "[Some(\"3\"), None]",
            "2 rows",
            "y",
            "[Some(\"x\")]",
            "1 rows",
        ],
    )
}

pub async fn typed_queries() -> Outcome {
    let db = connect().await?;
    let rows = db
        .query_typed("SELECT $1 + 1, $2", &[(&41_i32, Type::INT4), (&"x", Type::TEXT)])
        .await?;
    equal(
        (rows[0].get::<_, i32>(0), rows[0].get::<_, String>(1)),
        (42, "x".to_owned()),
    )?;
    let statement = db.prepare_typed("SELECT $1", &[Type::INT8]).await?;
    equal(db.query_one(&statement, &[&7_i64]).await?.get::<_, i64>(0), 7)?;
    raises(
        &tokio_postgres::error::SqlState::UNDEFINED_TABLE,
        db.query_typed("SELECT * FROM nope", &[]).await,
    )?;
    Ok(())
}

pub async fn project_tables() -> Outcome {
    let db = connect().await?;
    let mut count_by_customer: HashMap<String, i64> = HashMap::new();
    for row in db.query("SELECT c.name, count(*) FROM in_c_sales.customers c JOIN in_c_sales.orders o ON o.customer_id = c.id GROUP BY c.name", &[]).await? {
        count_by_customer.insert(row.get(0), row.get(1));
    }
    equal(count_by_customer.len(), 4)?;
    equal(count_by_customer.get("Dvořák, Jan"), Some(&25))?;
    let missing: Result<_, Failure> = db
        .query_opt("SELECT id FROM in_c_sales.customers WHERE id = $1", &[&99_i64])
        .await
        .map_err(Into::into);
    equal(missing?.is_none(), true)?;
    raises(
        &tokio_postgres::error::SqlState::READ_ONLY_SQL_TRANSACTION,
        db.execute("DELETE FROM in_c_sales.orders", &[]).await,
    )?;
    Ok(())
}
