/** JDBC: transactions, cursors, COPY, batches, generated keys, errors, cancel, notifications, timeouts, settings of a connection. */
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;
import org.postgresql.util.PSQLException;

public class CheckStatements {
  private static final String endless = "SELECT count(*) FROM generate_series(1, 100000000000) g";

  public static void main(String[] args) {
    var checks = new Checks("JDBC statements:");
    checks.check("transactions commit, roll back and fail as a whole", CheckStatements::transactions);
    checks.check("isolation levels and read-only transactions", CheckStatements::isolation);
    checks.check("savepoints", CheckStatements::savepoints);
    checks.check("autosave=always keeps a transaction usable after an error", CheckStatements::autosave);
    checks.check("a result set with a fetch size comes in portions", CheckStatements::fetchSize);
    checks.check("two result sets with a fetch size are read in turns", CheckStatements::twoCursors);
    checks.check("scrollable and updatable result sets", CheckStatements::updatable);
    checks.check("maxRows limits a result", CheckStatements::maxRows);
    checks.check("COPY in from text, CSV and binary", CheckStatements::copyIn);
    checks.check("COPY out as text, CSV and binary", CheckStatements::copyOut);
    checks.check("a bad row of COPY names its line and loads nothing", CheckStatements::copyBadRow);
    for (String options : List.of("", "reWriteBatchedInserts=true", "preferQueryMode=simple")) {
      checks.check("batches of prepared inserts " + options, () -> batches(options));
    }
    checks.check("a batch of different statements, and one with an error", CheckStatements::mixedBatch);
    checks.check("generated keys", CheckStatements::generatedKeys);
    checks.check("INSERT ON CONFLICT, UPDATE and DELETE RETURNING", CheckStatements::returning);
    checks.check("several statements and results in one string", CheckStatements::severalResults);
    checks.check("errors carry SQLSTATE, position and constraint", CheckStatements::errors);
    checks.check("warnings and notices are collected", CheckStatements::warnings);
    checks.check("Statement.cancel from another thread", CheckStatements::cancel);
    checks.check("query timeout of the driver and statement_timeout", CheckStatements::timeouts);
    checks.check("LISTEN and NOTIFY", CheckStatements::notifications);
    checks.check("schema, application name and settings of the connection", CheckStatements::connectionSettings);
    checks.check("TLS with channel binding and a plain isValid", CheckStatements::channelBinding);
    checks.check("project tables are read-only", CheckStatements::readOnlyProject);
  }

  private static void transactions() throws Exception {
    try (Connection db = Checks.connect(); Connection other = Checks.connect()) {
      Checks.run(db, "CREATE TABLE jtx (a int)");
      db.setAutoCommit(false);
      Checks.run(db, "INSERT INTO jtx VALUES (1)");
      Checks.equal(Checks.value(other, "SELECT count(*) FROM jtx"), 0L);
      db.commit();
      Checks.equal(Checks.value(other, "SELECT count(*) FROM jtx"), 1L);
      Checks.run(db, "INSERT INTO jtx VALUES (2)");
      db.rollback();
      Checks.raises("42P01", () -> Checks.run(db, "SELECT * FROM nope"));
      Checks.raises("25P02", () -> Checks.run(db, "SELECT 1"));
      db.rollback();
      Checks.equal(Checks.value(db, "SELECT count(*) FROM jtx"), 1L);
      db.setAutoCommit(true);
      Checks.run(db, "DROP TABLE jtx");
    }
  }

  private static void isolation() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.equal(db.getTransactionIsolation(), Connection.TRANSACTION_READ_COMMITTED);
      db.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      Checks.equal(Checks.value(db, "SHOW transaction_isolation"), "serializable");
      Checks.equal(db.getTransactionIsolation(), Connection.TRANSACTION_SERIALIZABLE);
      db.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      db.setAutoCommit(false);
      Checks.equal(Checks.value(db, "SHOW transaction_isolation"), "repeatable read");
      db.rollback();
      db.setReadOnly(true);
      Checks.equal(db.isReadOnly(), true);
      Checks.raises("25006", () -> Checks.run(db, "CREATE TABLE jro (a int)"));
      db.rollback();
      db.setReadOnly(false);
      Checks.run(db, "CREATE TABLE jro (a int)");
      db.rollback();
    }
    try (Connection db = Checks.connect("readOnly=true&readOnlyMode=always")) {
      Checks.raises("25006", () -> Checks.run(db, "CREATE TABLE jro (a int)"));
    }
  }

  private static void savepoints() throws Exception {
    try (Connection db = Checks.connect()) {
      db.setAutoCommit(false);
      var first = db.setSavepoint("first one");
      var second = db.setSavepoint();
      Checks.raises("42P01", () -> Checks.run(db, "SELECT * FROM nope"));
      db.rollback(second);
      Checks.equal(Checks.value(db, "SELECT 1"), 1);
      db.releaseSavepoint(second);
      Checks.run(db, "CREATE TABLE jsave (a int)");
      db.rollback(first);
      Checks.raises("42P01", () -> Checks.run(db, "SELECT * FROM jsave"));
      db.rollback(first);
      db.releaseSavepoint(first);
      Checks.equal(Checks.value(db, "SELECT 2"), 2);
      db.rollback();
    }
  }

  private static void autosave() throws Exception {
    for (String mode : List.of("always", "conservative")) {
      try (Connection db = Checks.connect("autosave=" + mode)) {
        db.setAutoCommit(false);
        Checks.equal(Checks.value(db, "SELECT 1"), 1);
        if (mode.equals("always")) {
          Checks.raises("42P01", () -> Checks.run(db, "SELECT * FROM nope"));
          Checks.equal(Checks.value(db, "SELECT 2"), 2);
        }
        db.commit();
      }
    }
  }

  private static void fetchSize() throws Exception {
    for (String options : List.of("", "binaryTransfer=false", "prepareThreshold=-1", "defaultRowFetchSize=7", "adaptiveFetch=true&maxResultBuffer=1M&defaultRowFetchSize=50")) {
      try (Connection db = Checks.connect(options)) {
        db.setAutoCommit(false);
        try (PreparedStatement statement = db.prepareStatement("SELECT g, 'row ' || g FROM generate_series(1, ?) g ORDER BY g")) {
          if (!options.contains("Fetch")) statement.setFetchSize(100);
          for (int time = 1; time <= 6; time++) {
            statement.setInt(1, 2005);
            int expected = 0;
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                Checks.equal(rows.getInt(1), ++expected);
                Checks.equal(rows.getString(2), "row " + expected);
              }
            }
            Checks.equal(expected, 2005);
          }
        }
        db.commit();
      }
    }
  }

  private static void twoCursors() throws Exception {
    try (Connection db = Checks.connect(); Statement one = db.createStatement(); Statement two = db.createStatement()) {
      db.setAutoCommit(false);
      one.setFetchSize(10);
      two.setFetchSize(7);
      ResultSet orders = one.executeQuery("SELECT id FROM in_c_sales.orders ORDER BY id");
      ResultSet numbers = two.executeQuery("SELECT g * 2 FROM generate_series(1, 100) g");
      for (int n = 1; n <= 100; n++) {
        Checks.yes(orders.next() && numbers.next(), "ended at row " + n);
        Checks.equal(orders.getInt(1), n);
        Checks.equal(numbers.getInt(1), 2 * n);
        if (n % 25 == 0) Checks.equal(Checks.value(db, "SELECT " + n), n);
      }
      Checks.yes(!orders.next() && !numbers.next(), "too many rows");
      db.rollback();
    }
  }

  private static void updatable() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.run(db, "CREATE TABLE jup (id int PRIMARY KEY, v text)", "INSERT INTO jup VALUES (1, 'a'), (2, 'b'), (3, 'c')");
      try (Statement statement = db.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
        ResultSet rows = statement.executeQuery("SELECT id, v FROM jup ORDER BY id");
        rows.last();
        Checks.equal(rows.getRow(), 3);
        rows.absolute(2);
        rows.updateString("v", "B");
        rows.updateRow();
        rows.first();
        rows.deleteRow();
        rows.moveToInsertRow();
        rows.updateInt(1, 4);
        rows.updateString(2, "d");
        rows.insertRow();
      }
      Checks.equal(Checks.query(db, "SELECT id, v FROM jup ORDER BY id"), List.of("2|B", "3|c", "4|d"));
      Checks.run(db, "DROP TABLE jup");
    }
  }

  private static void maxRows() throws Exception {
    try (Connection db = Checks.connect(); Statement statement = db.createStatement()) {
      statement.setMaxRows(10);
      Checks.equal(Checks.rows(statement.executeQuery("SELECT id FROM in_c_sales.orders ORDER BY id")).size(), 10);
      statement.setMaxRows(0);
      Checks.equal(Checks.rows(statement.executeQuery("SELECT id FROM in_c_sales.orders ORDER BY id")).size(), 100);
    }
  }

  private static void copyIn() throws Exception {
    try (Connection db = Checks.connect()) {
      db.setAutoCommit(false);
      var copy = db.unwrap(PGConnection.class).getCopyAPI();
      Checks.run(db, "CREATE TABLE jcopy (a int, b text, c numeric(10,2), d timestamp)");
      Checks.equal(copy.copyIn("COPY jcopy FROM STDIN", new StringReader("1\tone\\ttab\t1.50\t2024-01-01 00:00:00\n2\t\\N\t\\N\t\\N\n")), 2L);
      Checks.equal(copy.copyIn("COPY jcopy (a, b) FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';')", new StringReader("a;b\n3;\"x;\"\"y\"\n4;\n")), 2L);
      try (var out = new PGCopyOutputStream(db.unwrap(PGConnection.class), "COPY jcopy (a, b) FROM STDIN (FORMAT binary)")) {
        out.write("PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1));
        out.write(new byte[8]);
        out.write(new byte[] {0, 2, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 2, 'b', 'i', -1, -1});
      }
      StringBuilder many = new StringBuilder();
      for (int n = 10; n < 20010; n++) many.append(n).append("\trow ").append(n).append("\t\\N\t\\N\n");
      Checks.equal(copy.copyIn("COPY jcopy FROM STDIN", new StringReader(many.toString())), 20000L);
      Checks.equal(Checks.query(db, "SELECT a, b, c, d FROM jcopy WHERE a < 10 ORDER BY a"),
        List.of("1|one\ttab|1.50|2024-01-01 00:00:00", "2|null|null|null", "3|x;\"y|null|null", "4|null|null|null", "5|bi|null|null"));
      Checks.equal(Checks.value(db, "SELECT sum(a) FROM jcopy WHERE a >= 10"), 200190000L);
      db.rollback();
    }
  }

  private static void copyOut() throws Exception {
    try (Connection db = Checks.connect()) {
      var copy = db.unwrap(PGConnection.class).getCopyAPI();
      var text = new StringWriter();
      Checks.equal(copy.copyOut("COPY (SELECT id, name, city FROM in_c_sales.customers WHERE id <> 2 ORDER BY id) TO STDOUT", text), 3L);
      Checks.equal(text.toString(), "1\tAda\tPraha\n3\tČeněk\tPraha\n4\tDvořák, Jan\tOstrava\n");
      var csv = new StringWriter();
      copy.copyOut("COPY (SELECT id, name FROM in_c_sales.customers ORDER BY id DESC LIMIT 2) TO STDOUT (FORMAT CSV, HEADER)", csv);
      Checks.equal(csv.toString(), "id,name\n4,\"Dvořák, Jan\"\n3,Čeněk\n");
      var binary = new ByteArrayOutputStream();
      copy.copyOut("COPY (SELECT 7::int4, 'x'::text) TO STDOUT WITH BINARY", binary);
      Checks.equal(binary.toByteArray(), concat("PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1),
        new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 1, 'x', -1, -1}));
      var table = new StringWriter();
      Checks.equal(copy.copyOut("COPY in_c_sales.orders (id) TO STDOUT", table), 100L);
    }
  }

  private static byte[] concat(byte[] left, byte[] right) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(left);
    out.writeBytes(right);
    return out.toByteArray();
  }

  private static void copyBadRow() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.run(db, "CREATE TABLE jbad (a int)");
      var copy = db.unwrap(PGConnection.class).getCopyAPI();
      var error = (PSQLException) Checks.raises("22P02", () -> copy.copyIn("COPY jbad FROM STDIN", new StringReader("1\n2\nthree\n4\n")));
      Checks.yes(error.getServerErrorMessage().getWhere().startsWith("COPY jbad, line 3, column a: \"three\""), error.getServerErrorMessage().getWhere());
      Checks.equal(Checks.value(db, "SELECT count(*) FROM jbad"), 0L);
      var operation = copy.copyIn("COPY jbad FROM STDIN");
      operation.writeToCopy("1\n".getBytes(), 0, 2);
      operation.cancelCopy();
      Checks.equal(Checks.value(db, "SELECT count(*) FROM jbad"), 0L);
      Checks.run(db, "DROP TABLE jbad");
    }
  }

  private static void batches(String options) throws Exception {
    try (Connection db = Checks.connect(options)) {
      Checks.run(db, "CREATE TABLE jbatch (id int PRIMARY KEY, v text, t timestamp)");
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO jbatch (id, v, t) VALUES (?, ?, ?)")) {
        for (int round = 0; round < 3; round++) {
          for (int n = 0; n < 333; n++) {
            insert.setInt(1, round * 1000 + n);
            insert.setString(2, n % 10 == 0 ? null : "v" + n);
            insert.setTimestamp(3, java.sql.Timestamp.valueOf("2024-01-02 03:04:05"));
            insert.addBatch();
          }
          int[] counts = insert.executeBatch();
          Checks.equal(counts.length, 333);
          for (int count : counts) Checks.yes(count == 1 || count == Statement.SUCCESS_NO_INFO, "count " + count);
        }
      }
      Checks.equal(Checks.query(db, "SELECT count(*), count(v), sum(id), max(t) FROM jbatch"), List.of("999|897|1164834|2024-01-02 03:04:05"));
      Checks.run(db, "DROP TABLE jbatch");
    }
  }

  private static void mixedBatch() throws Exception {
    try (Connection db = Checks.connect(); Statement batch = db.createStatement()) {
      batch.addBatch("CREATE TABLE jmixed (id int PRIMARY KEY)");
      batch.addBatch("INSERT INTO jmixed VALUES (1), (2), (3)");
      batch.addBatch("UPDATE jmixed SET id = id + 10 WHERE id > 1");
      batch.addBatch("DELETE FROM jmixed WHERE id = 1");
      Checks.equal(batch.executeBatch(), new int[] {0, 3, 2, 1});
      batch.addBatch("INSERT INTO jmixed VALUES (50)");
      batch.addBatch("INSERT INTO jmixed VALUES (12)");
      batch.addBatch("INSERT INTO jmixed VALUES (51)");
      var error = (BatchUpdateException) Checks.raises("23505", batch::executeBatch);
      Checks.equal(error.getUpdateCounts().length, 3);
      Checks.equal(Checks.query(db, "SELECT id FROM jmixed ORDER BY id"), List.of("12", "13"));
      Checks.run(db, "DROP TABLE jmixed");
    }
  }

  private static void generatedKeys() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.run(db, "CREATE TABLE jkeys (id serial PRIMARY KEY, v text, made int DEFAULT 7)");
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO jkeys (v) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
        for (int n = 1; n <= 7; n++) {
          insert.setString(1, "v" + n);
          Checks.equal(insert.executeUpdate(), 1);
          Checks.equal(Checks.rows(insert.getGeneratedKeys()), List.of(n + "|v" + n + "|7"));
        }
      }
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO jkeys (v) VALUES (?), (?)", new String[] {"id"})) {
        insert.setString(1, "x");
        insert.setString(2, "y");
        insert.executeUpdate();
        Checks.equal(Checks.rows(insert.getGeneratedKeys()), List.of("8", "9"));
      }
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO jkeys (v) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
        for (int n = 0; n < 5; n++) {
          insert.setString(1, "b" + n);
          insert.addBatch();
        }
        insert.executeBatch();
        Checks.equal(Checks.rows(insert.getGeneratedKeys(), "id"), List.of("10", "11", "12", "13", "14"));
      }
      try (Statement statement = db.createStatement()) {
        statement.executeUpdate("UPDATE jkeys SET v = 'z' WHERE id = 1", Statement.RETURN_GENERATED_KEYS);
        Checks.equal(Checks.rows(statement.getGeneratedKeys()), List.of("1|z|7"));
      }
      Checks.run(db, "DROP TABLE jkeys");
    }
  }

  private static void returning() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.run(db, "CREATE TABLE jret (id int PRIMARY KEY, v int)");
      try (PreparedStatement upsert = db.prepareStatement("INSERT INTO jret VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET v = excluded.v RETURNING id, v")) {
        for (int n = 0; n < 8; n++) {
          upsert.setInt(1, n % 2);
          upsert.setInt(2, n);
          Checks.equal(Checks.rows(upsert.executeQuery()), List.of(n % 2 + "|" + n));
        }
      }
      Checks.equal(Checks.query(db, "UPDATE jret SET v = v * 10 WHERE id = 1 RETURNING v"), List.of("70"));
      Checks.equal(Checks.query(db, "DELETE FROM jret RETURNING id, v").size(), 2);
      Checks.equal(Checks.value(db, "SELECT count(*) FROM jret"), 0L);
      Checks.run(db, "DROP TABLE jret");
    }
  }

  private static void severalResults() throws Exception {
    try (Connection db = Checks.connect(); Statement statement = db.createStatement()) {
      Checks.equal(statement.execute("CREATE TEMP TABLE jmany (a int); INSERT INTO jmany VALUES (1), (2); SELECT a FROM jmany ORDER BY a; SELECT 'x'"), false);
      Checks.equal(statement.getUpdateCount(), 0);
      Checks.equal(statement.getMoreResults(), false);
      Checks.equal(statement.getUpdateCount(), 2);
      Checks.equal(statement.getMoreResults(), true);
      Checks.equal(Checks.rows(statement.getResultSet()), List.of("1", "2"));
      Checks.equal(statement.getMoreResults(), true);
      Checks.equal(Checks.rows(statement.getResultSet()), List.of("x"));
    }
  }

  private static void errors() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.run(db, "CREATE TABLE jerr (id int PRIMARY KEY, v text NOT NULL, n int CHECK (n > 0))", "INSERT INTO jerr VALUES (1, 'x', 1)");
      record Case(String sqlState, String statement, int position) {}
      for (Case one : List.of(new Case("42703", "SELECT nope FROM jerr", 8), new Case("42P01", "SELECT * FROM nope", 15), new Case("42601", "SELEC 1", 1),
          new Case("42883", "SELECT nofunction(1)", 8), new Case("22P02", "SELECT 'x'::int", 8), new Case("22012", "SELECT 1 / (id - 1) FROM jerr", 0),
          new Case("22003", "SELECT 2147483647::int + id FROM jerr", 0), new Case("23505", "INSERT INTO jerr VALUES (1, 'y', 1)", 0),
          new Case("23502", "INSERT INTO jerr VALUES (2, NULL, 1)", 0), new Case("23514", "INSERT INTO jerr VALUES (2, 'y', -1)", 0),
          new Case("42P07", "CREATE TABLE jerr (a int)", 0), new Case("3F000", "CREATE TABLE noschema.t (a int)", -1))) {
        for (int time = 1; time <= 2; time++) {
          var error = (PSQLException) Checks.raises(one.sqlState, () -> Checks.run(db, one.statement));
          Checks.equal(error.getServerErrorMessage().getSeverity(), "ERROR");
          if (one.position >= 0) Checks.equal(one.statement + " at " + error.getServerErrorMessage().getPosition(), one.statement + " at " + one.position);
        }
      }
      var unique = (PSQLException) Checks.raises("23505", () -> Checks.run(db, "INSERT INTO jerr VALUES (1, 'y', 1)"));
      Checks.equal(unique.getServerErrorMessage().getConstraint(), "jerr_pkey");
      Checks.equal(unique.getServerErrorMessage().getTable(), "jerr");
      Checks.equal(unique.getServerErrorMessage().getDetail(), "Key (id)=(1) already exists.");
      var missing = (PSQLException) Checks.raises("23502", () -> Checks.run(db, "INSERT INTO jerr VALUES (2, NULL, 1)"));
      Checks.equal(missing.getServerErrorMessage().getColumn(), "v");
      Checks.run(db, "DROP TABLE jerr");
    }
  }

  private static void warnings() throws Exception {
    try (Connection db = Checks.connect(); Statement statement = db.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS jnothing");
      Checks.equal(statement.getWarnings().getMessage(), "table \"jnothing\" does not exist, skipping");
      Checks.equal(statement.getWarnings().getSQLState(), "00000");
    }
  }

  private static void cancel() throws Exception {
    try (Connection db = Checks.connect(); Statement statement = db.createStatement()) {
      for (int time = 0; time < 2; time++) {
        var canceller = CompletableFuture.runAsync(() -> {
          try {
            statement.cancel();
          } catch (java.sql.SQLException error) {
            throw new IllegalStateException(error);
          }
        }, CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
        Checks.raises("57014", () -> statement.executeQuery(endless));
        canceller.get(20, TimeUnit.SECONDS);
        Checks.equal(Checks.value(db, "SELECT 1"), 1);
      }
    }
  }

  private static void timeouts() throws Exception {
    try (Connection db = Checks.connect(); Statement statement = db.createStatement()) {
      statement.setQueryTimeout(1);
      Checks.raises("57014", () -> statement.executeQuery(endless));
      statement.setQueryTimeout(0);
      Checks.run(db, "SET statement_timeout = 200");
      Checks.equal(Checks.value(db, "SHOW statement_timeout"), "200ms");
      Checks.raises("57014", () -> statement.executeQuery(endless));
      Checks.run(db, "RESET statement_timeout");
    }
    try (Connection db = Checks.connect("options=-c%20statement_timeout=150")) {
      Checks.raises("57014", () -> Checks.run(db, endless));
    }
  }

  private static void notifications() throws Exception {
    try (Connection listener = Checks.connect(); Connection sender = Checks.connect()) {
      Checks.run(listener, "LISTEN jdbc");
      Checks.run(sender, "NOTIFY jdbc, 'hello'", "SELECT pg_notify('jdbc', 'again')");
      var driver = listener.unwrap(PGConnection.class);
      StringBuilder heard = new StringBuilder();
      for (int time = 0; time < 10 && !heard.toString().endsWith("again;"); time++) {
        for (var notification : driver.getNotifications(2000)) heard.append(notification.getName()).append(' ').append(notification.getParameter()).append(';');
      }
      Checks.equal(heard.toString(), "jdbc hello;jdbc again;");
      Checks.run(listener, "UNLISTEN *");
    }
  }

  private static void connectionSettings() throws Exception {
    try (Connection db = Checks.connect("ApplicationName=jdbc%20checks&currentSchema=in_c_sales")) {
      Checks.equal(Checks.value(db, "SHOW application_name"), "jdbc checks");
      Checks.equal(db.getSchema(), "in_c_sales");
      Checks.equal(Checks.value(db, "SELECT count(*) FROM customers"), 4L);
      db.setSchema("public");
      Checks.equal(db.getSchema(), "public");
      Checks.equal(db.getCatalog(), System.getenv("PGDATABASE"));
      db.setClientInfo("ApplicationName", "other");
      Checks.equal(Checks.value(db, "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"), "other");
      Checks.equal(db.getClientInfo("ApplicationName"), "other");
      Checks.equal(db.isValid(5), true);
      Checks.run(db, "SET TIME ZONE 'Europe/Prague'", "SET extra_float_digits = 3", "SET DateStyle TO ISO");
      Checks.equal(Checks.value(db, "SELECT TIMESTAMPTZ '2024-07-01 00:00:00+00'::text"), "2024-07-01 02:00:00+02");
      Checks.run(db, "DISCARD ALL");
      Checks.equal(db.unwrap(PGConnection.class).getParameterStatus("client_encoding"), "UTF8");
      Checks.equal(db.unwrap(PGConnection.class).getParameterStatus("standard_conforming_strings"), "on");
    }
  }

  private static void channelBinding() throws Exception {
    try (Connection db = Checks.connect("channelBinding=require")) {
      Checks.equal(db.isValid(5), true);
      Checks.equal(db.unwrap(PGConnection.class).getBackendPID() > 0, true);
      Checks.equal(Checks.value(db, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), true);
    }
    Checks.raises("28P01", () -> java.sql.DriverManager.getConnection("jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
      + System.getenv("PGDATABASE") + "?sslmode=require", System.getenv("PGUSER"), "wrong").close());
  }

  private static void readOnlyProject() throws Exception {
    try (Connection db = Checks.connect()) {
      for (String statement : List.of("DELETE FROM in_c_sales.orders", "INSERT INTO in_c_sales.customers (id) VALUES (5)", "UPDATE in_c_sales.orders SET id = 1")) {
        Checks.raises("25006", () -> Checks.run(db, statement));
      }
    }
  }
}
