/** JDBC: values of every type both ways, in each of the driver's query modes, as text and in binary. */
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.postgresql.PGStatement;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

public class CheckValues {
  private record Sample(String type, Object value, Class<?> readAs, Object expected) {
    static Sample of(String type, Object value) {
      return new Sample(type, value, null, value);
    }

    static Sample as(String type, Object value, Class<?> readAs) {
      return new Sample(type, value, readAs, value);
    }
  }

  private static final List<Sample> samples = List.of(
    Sample.of("boolean", true), Sample.of("boolean", false),
    new Sample("smallint", (short) -7, null, -7), Sample.of("integer", Integer.MIN_VALUE), Sample.of("bigint", Long.MAX_VALUE),
    Sample.of("real", 1.5f), Sample.of("double precision", 0.1), Sample.of("double precision", Double.NaN),
    Sample.of("double precision", Double.NEGATIVE_INFINITY), Sample.of("numeric(12,2)", new BigDecimal("-1234567.80")),
    Sample.of("numeric(30,10)", new BigDecimal("12345678901234567890.0123456789")),
    Sample.of("text", "žluťoučký 'kůň' \\ \" \t\n"), Sample.of("text", ""), Sample.of("varchar(20)", "short"), Sample.of("bytea", new byte[] {0, (byte) 255, 39, 92}),
    Sample.as("date", LocalDate.of(2024, 2, 29), LocalDate.class), Sample.as("date", LocalDate.of(1582, 1, 1), LocalDate.class),
    Sample.as("time", LocalTime.of(10, 20, 30, 123456000), LocalTime.class),
    Sample.as("timestamp", LocalDateTime.of(2024, 1, 2, 3, 4, 5, 6000), LocalDateTime.class),
    Sample.as("timestamptz", OffsetDateTime.of(2024, 6, 2, 3, 4, 5, 0, ZoneOffset.UTC), OffsetDateTime.class),
    Sample.of("uuid", UUID.fromString("00000000-0000-0000-0000-000000000005")),
    Sample.of("json", object("json", "{\"a\": [1, 2]}")), Sample.of("interval", interval("1 mons 2 days 03:04:05.5")),
    Sample.of("integer[]", new Integer[] {1, null, 3}), Sample.of("bigint[]", new Long[] {1L << 40}),
    Sample.of("text[]", new String[] {"a", null, "b c", "q\"'\\", "NULL", ""}), Sample.of("text[]", new String[] {}),
    Sample.of("double precision[]", new Double[] {0.5, -1.0}), Sample.of("boolean[]", new Boolean[] {true, false}),
    Sample.of("numeric(10,2)[]", new BigDecimal[] {new BigDecimal("1.50")}),
    Sample.of("uuid[]", new UUID[] {UUID.fromString("00000000-0000-0000-0000-000000000007")}),
    Sample.of("integer[][]", new Integer[][] {{1, 2}, {3, 4}}));

  public static void main(String[] args) {
    var checks = new Checks("JDBC values:");
    for (String options : List.of("", "binaryTransfer=false", "prepareThreshold=-1", "prepareThreshold=1", "preferQueryMode=simple",
        "preferQueryMode=extendedForPrepared", "preferQueryMode=extendedCacheEverything")) {
      String mode = options.isEmpty() ? "default" : options;
      checks.check("parameters and results of every type, " + mode, () -> parametersAndResults(options));
      checks.check("columns of every type of a table, " + mode, () -> columnsOfATable(options));
    }
    checks.check("a statement is prepared on the server at the fifth execution and stays right", CheckValues::switchesToServerPrepare);
    checks.check("results turn to binary at the fifth execution with equal values", CheckValues::textAndBinaryAgree);
    checks.check("a prepared statement follows a changed table", CheckValues::followsChangedTable);
    checks.check("NULL of every type", CheckValues::nullsOfEveryType);
    checks.check("enums as strings and objects", CheckValues::enums);
    checks.check("dates and times beyond four digits, before Christ and infinity", CheckValues::farDates);
    checks.check("getters convert between types", CheckValues::getters);
    checks.check("literals and escapes of JDBC", CheckValues::escapes);
    checks.check("functions are called with CallableStatement", CheckValues::callable);
    checks.check("IN lists as arrays: = ANY(?)", CheckValues::anyOfArray);
    checks.check("project tables are read", CheckValues::projectTables);
  }

  private static PGobject object(String type, String value) {
    try {
      PGobject object = new PGobject();
      object.setType(type);
      object.setValue(value);
      return object;
    } catch (java.sql.SQLException error) {
      throw new IllegalStateException(error);
    }
  }

  private static PGInterval interval(String text) {
    try {
      return new PGInterval(text);
    } catch (java.sql.SQLException error) {
      throw new IllegalStateException(error);
    }
  }

  private static void bind(Connection db, PreparedStatement statement, int index, Sample sample) throws Exception {
    if (sample.value instanceof Object[] elements) {
      statement.setArray(index, db.createArrayOf(sample.type.replaceAll("(\\(.*\\))?(\\[\\])+$", ""), elements));
    } else {
      statement.setObject(index, sample.value);
    }
  }

  private static void compare(ResultSet row, int column, Sample sample) throws Exception {
    Object actual = sample.readAs == null ? row.getObject(column) : row.getObject(column, sample.readAs);
    if (actual instanceof java.sql.Array array) actual = array.getArray();
    try {
      Checks.equal(actual, sample.expected);
    } catch (AssertionError error) {
      throw new AssertionError(sample.type + ": " + error.getMessage());
    }
  }

  private static void parametersAndResults(String options) throws Exception {
    try (Connection db = Checks.connect(options)) {
      for (Sample sample : samples) {
        try (PreparedStatement statement = db.prepareStatement("SELECT ?::" + sample.type + " AS v")) {
          for (int time = 1; time <= 7; time++) {
            bind(db, statement, 1, sample);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              compare(row, 1, sample);
            }
          }
        } catch (java.sql.SQLException error) {
          throw new AssertionError(sample.type + " " + error.getSQLState() + ": " + error.getMessage(), error);
        }
      }
    }
  }

  private static void columnsOfATable(String options) throws Exception {
    try (Connection db = Checks.connect(options)) {
      db.setAutoCommit(false);
      StringBuilder columns = new StringBuilder("id integer");
      for (int index = 0; index < samples.size(); index++) columns.append(", c").append(index).append(' ').append(samples.get(index).type);
      Checks.run(db, "CREATE TABLE jvalues (" + columns + ")");
      String marks = String.join(", ", java.util.Collections.nCopies(samples.size() + 1, "?"));
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO jvalues VALUES (" + marks + ")")) {
        for (int id = 1; id <= 8; id++) {
          insert.setInt(1, id);
          for (int index = 0; index < samples.size(); index++) bind(db, insert, index + 2, samples.get(index));
          Checks.equal(insert.executeUpdate(), 1);
        }
      }
      try (PreparedStatement select = db.prepareStatement("SELECT * FROM jvalues WHERE id <= ? ORDER BY id")) {
        for (int time = 1; time <= 7; time++) {
          select.setInt(1, time);
          int seen = 0;
          try (ResultSet row = select.executeQuery()) {
            for (; row.next(); seen++) {
              for (int index = 0; index < samples.size(); index++) compare(row, index + 2, samples.get(index));
            }
          }
          Checks.equal(seen, time);
        }
      }
      db.rollback();
    }
  }

  private static void switchesToServerPrepare() throws Exception {
    try (Connection db = Checks.connect(); PreparedStatement statement = db.prepareStatement("SELECT ?::int + 1, ?::text")) {
      PGStatement driver = statement.unwrap(PGStatement.class);
      Checks.equal(driver.getPrepareThreshold(), 5);
      for (int time = 1; time <= 20; time++) {
        Checks.equal(driver.isUseServerPrepare(), time >= 5);
        statement.setInt(1, time);
        statement.setString(2, "t" + time);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          Checks.equal(row.getInt(1), time + 1);
          Checks.equal(row.getString(2), "t" + time);
        }
      }
      Checks.equal(Checks.value(db, "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int + 1%' AND NOT from_sql"), 1L);
    }
  }

  private static void textAndBinaryAgree() throws Exception {
    String query = "SELECT id, customer_id, amount, ordered_at, note, id::numeric(10,3), ordered_at::date, id % 2 = 0,"
      + " ordered_at - TIMESTAMP '2025-01-01', id::int2, id::float4 FROM in_c_sales.orders WHERE id > ? ORDER BY orders.id";
    try (Connection db = Checks.connect(); PreparedStatement statement = db.prepareStatement(query)) {
      List<String> first = null;
      for (int time = 1; time <= 8; time++) {
        statement.setLong(1, 90);
        List<String> rows = Checks.objects(statement.executeQuery());
        Checks.equal(rows.size(), 10);
        if (first == null) first = rows;
        Checks.equal(rows, first);
      }
      Checks.yes(first.get(0).startsWith("91|4|22.75|2025-01-08 10:00:00.0|note 91|91.000|2025-01-08|false|0 years 0 mons 7 days 10 hours 0 mins 0.0 secs|91|91.0"), first.get(0));
    }
  }

  private static void followsChangedTable() throws Exception {
    try (Connection db = Checks.connect("prepareThreshold=1")) {
      Checks.run(db, "CREATE TABLE jchange (a int)", "INSERT INTO jchange VALUES (1)");
      try (PreparedStatement statement = db.prepareStatement("SELECT * FROM jchange")) {
        for (int time = 1; time <= 3; time++) Checks.equal(Checks.rows(statement.executeQuery()), List.of("1"));
        Checks.run(db, "ALTER TABLE jchange ADD COLUMN b text");
        Checks.equal(Checks.rows(statement.executeQuery()), List.of("1|null"));
      }
      Checks.run(db, "DROP TABLE jchange");
    }
  }

  private static void nullsOfEveryType() throws Exception {
    int[] codes = {Types.BOOLEAN, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.REAL, Types.DOUBLE, Types.NUMERIC, Types.VARCHAR, Types.BINARY,
      Types.DATE, Types.TIME, Types.TIMESTAMP, Types.OTHER, Types.NULL};
    try (Connection db = Checks.connect(); PreparedStatement statement = db.prepareStatement("SELECT ?, ? IS NULL")) {
      for (int code : codes) {
        statement.setNull(1, code);
        statement.setNull(2, code);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          Checks.equal(row.getObject(1), null);
          Checks.yes(row.wasNull(), "wasNull for type code " + code);
          Checks.equal(row.getBoolean(2), true);
        }
      }
    }
    try (Connection db = Checks.connect("prepareThreshold=-1")) {
      for (Sample sample : samples) {
        try (PreparedStatement statement = db.prepareStatement("SELECT NULL::" + sample.type + ", ?::" + sample.type)) {
          statement.setNull(1, Types.OTHER);
          Checks.equal(Checks.rows(statement.executeQuery()), List.of("null|null"));
        }
      }
    }
  }

  private static void enums() throws Exception {
    for (String options : List.of("", "prepareThreshold=-1", "stringtype=unspecified")) {
      try (Connection db = Checks.connect(options)) {
        db.setAutoCommit(false);
        Checks.run(db, "CREATE TYPE jmood AS ENUM ('sad', 'ok')", "CREATE TABLE jmoods (id int, m jmood, ms jmood[])");
        String mark = options.startsWith("stringtype") ? "?" : "?::jmood";
        try (PreparedStatement insert = db.prepareStatement("INSERT INTO jmoods (id, m) VALUES (?, " + mark + ")")) {
          insert.setInt(1, 1);
          insert.setString(2, "ok");
          insert.executeUpdate();
          insert.setInt(1, 2);
          insert.setObject(2, object("jmood", "sad"));
          insert.executeUpdate();
        }
        Checks.run(db, "UPDATE jmoods SET ms = ARRAY['ok', 'sad']::jmood[]");
        for (int time = 1; time <= 7; time++) Checks.equal(Checks.query(db, "SELECT id, m, ms FROM jmoods ORDER BY m"), List.of("2|sad|{ok,sad}", "1|ok|{ok,sad}"));
        try (var statement = db.createStatement(); ResultSet rows = statement.executeQuery("SELECT m FROM jmoods")) {
          Checks.equal(rows.getMetaData().getColumnTypeName(1), "jmood");
          Checks.equal(rows.getMetaData().getColumnType(1), Types.VARCHAR);
        }
        db.rollback();
      }
    }
  }

  private static void farDates() throws Exception {
    for (String options : List.of("binaryTransfer=false", "prepareThreshold=-1")) {
      try (Connection db = Checks.connect(options); var statement = db.createStatement()) {
        ResultSet row = statement.executeQuery("SELECT 'infinity'::timestamp, '-infinity'::timestamp, '0044-03-15 BC'::date, '12024-01-01'::date, 'infinity'::date");
        row.next();
        Checks.equal(row.getObject(1, LocalDateTime.class), LocalDateTime.MAX);
        Checks.equal(row.getObject(2, LocalDateTime.class), LocalDateTime.MIN);
        Checks.equal(row.getObject(3, LocalDate.class), LocalDate.of(-43, 3, 15));
        Checks.equal(row.getObject(4, LocalDate.class), LocalDate.of(12024, 1, 1));
        Checks.equal(row.getObject(5, LocalDate.class), LocalDate.MAX);
      }
    }
  }

  private static void getters() throws Exception {
    for (String options : List.of("", "prepareThreshold=-1")) {
      try (Connection db = Checks.connect(options); PreparedStatement statement = db.prepareStatement(
          "SELECT 42::int8 AS n, '17'::text AS t, 1.25::numeric(5,2) AS d, TIMESTAMPTZ '2024-01-02 03:04:05+00' AS ts, true AS b, 'x'::char(3) AS c, 7::oid AS o")) {
        ResultSet row = statement.executeQuery();
        row.next();
        Checks.equal(row.getInt("n"), 42);
        Checks.equal(row.getString("n"), "42");
        Checks.equal(row.getBigDecimal("n"), new BigDecimal("42"));
        Checks.equal(row.getInt("t"), 17);
        Checks.equal(row.getDouble("d"), 1.25);
        Checks.equal(row.getTimestamp("ts").toInstant().toString(), "2024-01-02T03:04:05Z");
        Checks.equal(row.getBoolean("b"), true);
        Checks.equal(row.getString("b"), "t");
        Checks.equal(row.getLong("o"), 7L);
        Checks.equal(row.getString("c").trim(), "x");
        Checks.equal(row.findColumn("ts"), 4);
      }
    }
  }

  private static void escapes() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.equal(Checks.query(db, "SELECT {d '2024-01-02'}, {t '10:20:30'}, {ts '2024-01-02 03:04:05'}, {fn upper('a')}, {fn length('abc')}, {fn concat('a', 'b')}"),
        List.of("2024-01-02|10:20:30|2024-01-02 03:04:05|A|3|ab"));
      Checks.equal(Checks.query(db, "SELECT {fn year({d '2024-05-02'})}, {fn dayofweek({d '2024-05-05'})}, {fn locate('b', 'abc')}, {fn mod(7, 3)}"), List.of("2024|1|2|1"));
      Checks.equal(Checks.query(db, "SELECT c.name FROM {oj in_c_sales.customers c LEFT JOIN in_c_sales.orders o ON o.id = c.id + 1000} WHERE c.name LIKE 'A|_a' {escape '|'} OR c.id = 1"),
        List.of("Ada"));
      Checks.equal(Checks.query(db, "SELECT E'a\\nb', 'it''s', $$dollar$$, $q$d'q$q$, B'101', X'1F'::text"), List.of("a\nb|it's|dollar|d'q|101|00011111"));
    }
  }

  private static void callable() throws Exception {
    try (Connection db = Checks.connect(); var call = db.prepareCall("{? = call upper(?)}")) {
      call.registerOutParameter(1, Types.VARCHAR);
      call.setString(2, "abc");
      call.execute();
      Checks.equal(call.getString(1), "ABC");
    }
  }

  private static void anyOfArray() throws Exception {
    try (Connection db = Checks.connect(); PreparedStatement statement = db.prepareStatement("SELECT name FROM in_c_sales.customers WHERE id = ANY(?) ORDER BY id")) {
      for (int time = 1; time <= 7; time++) {
        statement.setArray(1, db.createArrayOf("bigint", new Long[] {1L, 4L}));
        Checks.equal(Checks.rows(statement.executeQuery()), List.of("Ada", "Dvořák, Jan"));
      }
    }
  }

  private static void projectTables() throws Exception {
    try (Connection db = Checks.connect()) {
      Checks.equal(Checks.query(db, "SELECT id, name, city FROM in_c_sales.customers ORDER BY id"),
        Arrays.asList("1|Ada|Praha", "2|Božena|Brno", "3|Čeněk|Praha", "4|Dvořák, Jan|Ostrava"));
      Checks.equal(Checks.query(db, "SELECT count(*), sum(amount), min(ordered_at), count(note) FROM in_c_sales.orders"), List.of("100|1262.5|2025-01-01 10:00:00|67"));
    }
  }
}
