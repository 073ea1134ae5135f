//! Statements, transactions, portals, COPY, errors, cancel and notifications.

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{future, SinkExt, TryStreamExt};
use postgres_types::{ToSql, Type};
use tokio_postgres::binary_copy::{BinaryCopyInWriter, BinaryCopyOutStream};
use tokio_postgres::error::{ErrorPosition, SqlState};
use tokio_postgres::{AsyncMessage, IsolationLevel};

use crate::checks::{config, connect, connect_with, equal, raises, tls, Outcome, ENDLESS};

pub async fn prepared() -> Outcome {
    let db = connect().await?;
    let statement = db
        .prepare("SELECT name, $1::int4 + 1 FROM in_c_sales.customers WHERE id = $2")
        .await?;
    for n in 0..100_i32 {
        let row = db.query_one(&statement, &[&n, &i64::from(1 + n % 4)]).await?;
        equal(row.get::<_, i32>(1), n + 1)?;
        equal(
            row.try_get::<_, &str>(0)?,
            ["Ada", "Božena", "Čeněk", "Dvořák, Jan"][(n % 4) as usize],
        )?;
    }
    let count: i64 = db
        .query_one(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT name, $1::int4%'",
            &[],
        )
        .await?
        .get(0);
    equal(count, 1)?;
    drop(statement);
    let count: i64 = db
        .query_one(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT name, $1::int4%'",
            &[],
        )
        .await?
        .get(0);
    equal(count, 0)
}

pub async fn pipelined() -> Outcome {
    let db = connect().await?;
    let statement = db.prepare("SELECT $1::int4 * 2").await?;
    let numbers: Vec<i32> = (0..50).collect();
    let answers = future::try_join_all(numbers.iter().map(|number| async {
        db.query_one(&statement, &[number])
            .await
            .map(|row| row.get::<_, i32>(0))
    }))
    .await?;
    equal(answers, numbers.iter().map(|number| number * 2).collect::<Vec<_>>())?;
    let (first, broken, last) = future::join3(
        db.query_one("SELECT 1", &[]),
        db.query_one("SELECT * FROM nope", &[]),
        db.query_one("SELECT 3", &[]),
    )
    .await;
    equal(first?.try_get::<_, i32>(0)?, 1)?;
    raises(&SqlState::UNDEFINED_TABLE, broken)?;
    equal(last?.try_get::<_, i32>(0)?, 3)
}

pub async fn streamed() -> Outcome {
    let db = connect().await?;
    let parameters: [&(dyn ToSql + Sync); 1] = [&50_000_i32];
    let mut rows = pin!(
        db.query_raw("SELECT g, 'row ' || g FROM generate_series(1, $1::int4) g", parameters)
            .await?
    );
    let mut expected = 0;
    while let Some(row) = rows.try_next().await? {
        expected += 1;
        equal(row.try_get::<_, i32>(0)?, expected)?;
    }
    equal(expected, 50_000)?;
    equal(rows.rows_affected(), Some(50_000))
}

pub async fn transactions() -> Outcome {
    let mut db = connect().await?;
    db.batch_execute("CREATE TEMP TABLE rtx (a int)").await?;
    let transaction = db.transaction().await?;
    transaction.execute("INSERT INTO rtx VALUES (1)", &[]).await?;
    transaction.rollback().await?;
    let transaction = db.transaction().await?;
    equal(
        transaction
            .execute("INSERT INTO rtx VALUES ($1), ($2)", &[&2, &3])
            .await?,
        2,
    )?;
    transaction.commit().await?;
    {
        let dropped = db.transaction().await?;
        dropped.execute("DELETE FROM rtx", &[]).await?;
    }
    let transaction = db.transaction().await?;
    raises(
        &SqlState::UNDEFINED_TABLE,
        transaction.query("SELECT * FROM nope", &[]).await,
    )?;
    raises(
        &SqlState::IN_FAILED_SQL_TRANSACTION,
        transaction.query("SELECT 1", &[]).await,
    )?;
    transaction.rollback().await?;
    equal(
        db.query_one("SELECT sum(a) FROM rtx", &[])
            .await?
            .try_get::<_, i64>(0)?,
        5,
    )
}

pub async fn savepoints() -> Outcome {
    let mut db = connect().await?;
    let mut transaction = db.transaction().await?;
    let inner = transaction.transaction().await?;
    raises(&SqlState::UNDEFINED_TABLE, inner.query("SELECT * FROM nope", &[]).await)?;
    inner.rollback().await?;
    equal(transaction.query_one("SELECT 2", &[]).await?.try_get::<_, i32>(0)?, 2)?;
    let named = transaction.savepoint("named").await?;
    named.batch_execute("CREATE TEMP TABLE rsave (a int)").await?;
    named.commit().await?;
    transaction.execute("INSERT INTO rsave VALUES (1)", &[]).await?;
    transaction.commit().await?;
    equal(
        db.query_one("SELECT count(*) FROM rsave", &[])
            .await?
            .try_get::<_, i64>(0)?,
        1,
    )
}

pub async fn isolation() -> Outcome {
    let mut db = connect().await?;
    let transaction = db
        .build_transaction()
        .isolation_level(IsolationLevel::Serializable)
        .read_only(true)
        .deferrable(true)
        .start()
        .await?;
    equal(
        transaction
            .query_one("SHOW transaction_isolation", &[])
            .await?
            .try_get::<_, &str>(0)?,
        "serializable",
    )?;
    equal(
        transaction
            .query_one("SHOW transaction_read_only", &[])
            .await?
            .try_get::<_, &str>(0)?,
        "on",
    )?;
    raises(
        &SqlState::READ_ONLY_SQL_TRANSACTION,
        transaction.batch_execute("CREATE TABLE rro (a int)").await,
    )?;
    transaction.rollback().await?;
    Ok(())
}

pub async fn portals() -> Outcome {
    let mut db = connect().await?;
    let transaction = db.transaction().await?;
    let orders = transaction
        .bind(
            "SELECT id FROM in_c_sales.orders WHERE id <= $1 ORDER BY id",
            &[&100_i64],
        )
        .await?;
    let numbers = transaction
        .bind("SELECT g FROM generate_series(1, 5000) g", &[])
        .await?;
    let (mut order_ids, mut sum) = (Vec::new(), 0_i64);
    for portion in 0..10 {
        order_ids.extend(
            transaction
                .query_portal(&orders, 10)
                .await?
                .iter()
                .map(|row| row.get::<_, i64>(0)),
        );
        sum += transaction
            .query_portal(&numbers, 500)
            .await?
            .iter()
            .map(|row| i64::from(row.get::<_, i32>(0)))
            .sum::<i64>();
        equal(
            transaction
                .query_one("SELECT $1::int4", &[&portion])
                .await?
                .try_get::<_, i32>(0)?,
            portion,
        )?;
    }
    equal(order_ids, (1..=100).collect::<Vec<i64>>())?;
    equal(sum, 5000 * 5001 / 2)?;
    equal(transaction.query_portal(&orders, 10).await?.len(), 0)?;
    transaction.commit().await?;
    Ok(())
}

pub async fn copy_in() -> Outcome {
    let db = connect().await?;
    db.batch_execute("CREATE TEMP TABLE rcopy (a int4, b text, c bytea, d int8[])")
        .await?;
    let mut sink = pin!(db.copy_in::<_, Bytes>("COPY rcopy (a, b) FROM STDIN").await?);
    for n in 0..2000 {
        sink.send(Bytes::from(format!("{n}\trow\\t{n}\n"))).await?;
    }
    equal(sink.as_mut().finish().await?, 2000)?;
    let mut sink = pin!(
        db.copy_in::<_, Bytes>("COPY rcopy (a, b) FROM STDIN WITH (FORMAT csv, HEADER true)")
            .await?
    );
    sink.send(Bytes::from("a,b\n-1,\"x, \"\"y\"\"\"\n-2,\n")).await?;
    equal(sink.as_mut().finish().await?, 2)?;
    let sink = db.copy_in::<_, Bytes>("COPY rcopy FROM STDIN BINARY").await?;
    let mut writer = pin!(BinaryCopyInWriter::new(
        sink,
        &[Type::INT4, Type::TEXT, Type::BYTEA, Type::INT8_ARRAY]
    ));
    for n in 0..500_i32 {
        writer
            .as_mut()
            .write(&[&(10_000 + n), &"žluť", &&[0_u8, 255][..], &vec![i64::from(n)]])
            .await?;
    }
    writer
        .as_mut()
        .write(&[&None::<i32>, &None::<&str>, &None::<&[u8]>, &None::<Vec<i64>>])
        .await?;
    equal(writer.as_mut().finish().await?, 501)?;
    let row = db.query_one("SELECT count(*), count(*) FILTER (WHERE b = E'row\\t' || a), count(*) FILTER (WHERE c = '\\x00ff' AND d = ARRAY[a - 10000]::int8[]), count(*) FILTER (WHERE a IS NULL), count(*) FILTER (WHERE b = 'x, \"y\"') FROM rcopy", &[]).await?;
    equal(
        (0..5).map(|column| row.get(column)).collect::<Vec<i64>>(),
        [2503, 2000, 500, 1, 1],
    )
}

pub async fn copy_out() -> Outcome {
    let db = connect().await?;
    let chunks = db
        .copy_out("COPY (SELECT id, name, city FROM in_c_sales.customers WHERE id <> 2 ORDER BY id) TO STDOUT")
        .await?
        .try_fold(BytesMut::new(), |mut all, chunk| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await?;
    equal(
        &chunks[..],
        "1\tAda\tPraha\n3\tČeněk\tPraha\n4\tDvořák, Jan\tOstrava\n".as_bytes(),
    )?;
    let stream = db
        .copy_out("COPY (SELECT id, amount, note FROM in_c_sales.orders ORDER BY id) TO STDOUT (FORMAT binary)")
        .await?;
    let rows: Vec<_> = BinaryCopyOutStream::new(stream, &[Type::INT8, Type::FLOAT8, Type::TEXT])
        .try_collect()
        .await?;
    equal(rows.len(), 100)?;
    equal(
        (
            rows[2].get::<i64>(0),
            rows[2].get::<f64>(1),
            rows[2].get::<Option<&str>>(2),
        ),
        (3, 0.75, None),
    )
}

pub async fn copy_dropped() -> Outcome {
    let db = connect().await?;
    db.batch_execute("CREATE TEMP TABLE rdrop (a int)").await?;
    {
        let mut sink = pin!(db.copy_in::<_, Bytes>("COPY rdrop FROM STDIN").await?);
        sink.send(Bytes::from("1\n2\n")).await?;
    }
    equal(
        db.query_one("SELECT count(*) FROM rdrop", &[])
            .await?
            .try_get::<_, i64>(0)?,
        0,
    )?;
    let mut sink = pin!(db.copy_in::<_, Bytes>("COPY rdrop FROM STDIN").await?);
    sink.send(Bytes::from("1\nzwei\n")).await?;
    let error = raises(&SqlState::INVALID_TEXT_REPRESENTATION, sink.as_mut().finish().await)?;
    equal(error.where_(), Some("COPY rdrop, line 2, column a: \"zwei\""))?;
    equal(
        db.query_one("SELECT count(*) FROM rdrop", &[])
            .await?
            .try_get::<_, i64>(0)?,
        0,
    )
}

pub async fn errors() -> Outcome {
    let db = connect().await?;
    db.batch_execute("CREATE TABLE rerr (id int PRIMARY KEY, v text NOT NULL, n int CHECK (n > 0)); INSERT INTO rerr VALUES (1, 'x', 1)").await?;
    for (state, statement, position) in [
        (SqlState::UNDEFINED_COLUMN, "SELECT nope FROM rerr", Some(8)),
        (SqlState::UNDEFINED_TABLE, "SELECT * FROM nope", Some(15)),
        (SqlState::SYNTAX_ERROR, "SELEC 1", Some(1)),
        (SqlState::DIVISION_BY_ZERO, "SELECT 1 / (id - 1) FROM rerr", None),
        (SqlState::UNIQUE_VIOLATION, "INSERT INTO rerr VALUES (1, 'y', 1)", None),
        (
            SqlState::NOT_NULL_VIOLATION,
            "INSERT INTO rerr VALUES (2, NULL, 1)",
            None,
        ),
        (SqlState::CHECK_VIOLATION, "INSERT INTO rerr VALUES (2, 'y', -1)", None),
    ] {
        let error = raises(&state, db.query(statement, &[]).await)?;
        equal(
            (statement, error.position()),
            (statement, position.map(ErrorPosition::Original).as_ref()),
        )?;
    }
    let error = raises(
        &SqlState::UNIQUE_VIOLATION,
        db.execute("INSERT INTO rerr VALUES ($1, $2, $3)", &[&1, &"y", &1])
            .await,
    )?;
    equal(
        (error.constraint(), error.table(), error.schema()),
        (Some("rerr_pkey"), Some("rerr"), Some("public")),
    )?;
    db.batch_execute("DROP TABLE rerr").await?;
    Ok(())
}

pub async fn cancel() -> Outcome {
    let db = connect().await?;
    let token = db.cancel_token();
    let canceller = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        token.cancel_query(tls()?).await?;
        Ok::<(), crate::checks::Failure>(())
    };
    let (answer, cancelled) = future::join(db.query(ENDLESS, &[]), canceller).await;
    cancelled?;
    raises(&SqlState::QUERY_CANCELED, answer)?;
    equal(db.query_one("SELECT 1", &[]).await?.try_get::<_, i32>(0)?, 1)
}

pub async fn statement_timeout() -> Outcome {
    let (db, _messages) = connect_with(
        config()
            .options("-c statement_timeout=200")
            .application_name("rust checks"),
    )
    .await?;
    equal(
        db.query_one("SELECT current_setting('application_name')", &[])
            .await?
            .try_get::<_, &str>(0)?,
        "rust checks",
    )?;
    raises(&SqlState::QUERY_CANCELED, db.query(ENDLESS, &[]).await)?;
    raises(&SqlState::QUERY_CANCELED, db.batch_execute(ENDLESS).await)?;
    Ok(())
}

pub async fn notifications() -> Outcome {
    let (listener, mut messages) = connect_with(&config()).await?;
    let sender = connect().await?;
    listener
        .batch_execute("LISTEN rchannel; DROP TABLE IF EXISTS rnothing")
        .await?;
    sender.execute("SELECT pg_notify('rchannel', $1)", &[&"hello"]).await?;
    let mut heard = Vec::new();
    while heard.len() < 2 {
        match tokio::time::timeout(Duration::from_secs(20), messages.recv()).await? {
            Some(AsyncMessage::Notification(message)) => {
                heard.push(format!("{} {}", message.channel(), message.payload()))
            }
            Some(AsyncMessage::Notice(notice)) => heard.push(notice.message().to_owned()),
            _ => return Err("the connection has ended".into()),
        }
    }
    heard.sort();
    equal(heard, ["rchannel hello", "table \"rnothing\" does not exist, skipping"])
}

pub async fn wrong_password() -> Outcome {
    let refused = config().password("wrong").connect(tls()?).await.map(drop);
    raises(&SqlState::INVALID_PASSWORD, refused)?;
    Ok(())
}
