/** What the check programs share: each check prints one line, `ok NAME` or `not ok NAME: REASON`. */
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

public final class Checks {
  public interface Body {
    void run() throws Exception;
  }

  private final String prefix;

  public Checks(String prefix) {
    this.prefix = prefix;
  }

  public void check(String name, Body body) {
    try {
      body.run();
      System.out.println("ok " + prefix + " " + name);
    } catch (Throwable error) {
      System.setProperty("checks.failed", "1");
      StackTraceElement place = Arrays.stream(error.getStackTrace())
        .filter(frame -> String.valueOf(frame.getFileName()).startsWith("Check") && !"Checks.java".equals(frame.getFileName()))
        .findFirst().orElse(null);
      String line = place == null ? "" : place.getFileName() + ":" + place.getLineNumber() + ": ";
      String state = error instanceof SQLException sql ? " " + sql.getSQLState() : "";
      String text = String.valueOf(error.getMessage()).replace('\n', ' ');
      System.out.println("not ok " + prefix + " " + name + ": " + line + error.getClass().getSimpleName() + state + ": "
        + text.substring(0, Math.min(400, text.length())));
    }
  }

  /** A TLS connection; options are the driver's, as in a URL: "prepareThreshold=1&binaryTransfer=false". */
  public static Connection connect(String options) throws SQLException {
    var environment = System.getenv();
    String url = "jdbc:postgresql://" + environment.get("PGHOST") + ":" + environment.get("PGPORT") + "/" + environment.get("PGDATABASE")
      + "?sslmode=require&" + options;
    return DriverManager.getConnection(url, environment.get("PGUSER"), environment.get("PGPASSWORD"));
  }

  public static Connection connect() throws SQLException {
    return connect("");
  }

  public static void run(Connection db, String... statements) throws SQLException {
    try (Statement statement = db.createStatement()) {
      for (String text : statements) statement.execute(text);
    }
  }

  /** The first value of the first row. */
  public static Object value(Connection db, String query) throws SQLException {
    try (Statement statement = db.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      return rows.next() ? rows.getObject(1) : null;
    }
  }

  /** All rows, their cells as text joined with "|"; with names, only those columns. */
  public static List<String> rows(ResultSet result, String... names) throws SQLException {
    List<String> rows = new ArrayList<>();
    ResultSetMetaData description = result.getMetaData();
    while (result.next()) {
      List<String> cells = new ArrayList<>();
      if (names.length == 0) {
        for (int column = 1; column <= description.getColumnCount(); column++) cells.add(result.getString(column));
      }
      for (String name : names) cells.add(result.getString(name));
      rows.add(String.join("|", cells.stream().map(String::valueOf).toList()));
    }
    result.close();
    return rows;
  }

  /** All rows, their cells read as the driver's own objects. */
  public static List<String> objects(ResultSet result) throws SQLException {
    List<String> rows = new ArrayList<>();
    while (result.next()) {
      List<String> cells = new ArrayList<>();
      for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) cells.add(String.valueOf(result.getObject(column)));
      rows.add(String.join("|", cells));
    }
    return rows;
  }

  public static List<String> query(Connection db, String query) throws SQLException {
    try (Statement statement = db.createStatement()) {
      return rows(statement.executeQuery(query));
    }
  }

  public static void equal(Object actual, Object expected) {
    if (!same(actual, expected)) throw new AssertionError(show(actual) + ", expected " + show(expected));
  }

  public static void yes(boolean holds, String otherwise) {
    if (!holds) throw new AssertionError(otherwise);
  }

  public static SQLException raises(String sqlState, Body body) throws Exception {
    try {
      body.run();
    } catch (SQLException error) {
      if (!sqlState.equals(error.getSQLState())) {
        throw new AssertionError("SQLSTATE " + error.getSQLState() + ", expected " + sqlState + ": " + error.getMessage());
      }
      return error;
    }
    throw new AssertionError("no error, expected " + sqlState);
  }

  private static boolean same(Object actual, Object expected) {
    if (actual != null && expected != null && actual.getClass().isArray() && expected.getClass().isArray()) {
      return actual.getClass() == expected.getClass() && Objects.deepEquals(actual, expected);
    }
    if (actual instanceof BigDecimal left && expected instanceof BigDecimal right) return left.equals(right);
    return Objects.equals(actual, expected);
  }

  private static String show(Object value) {
    if (value == null) return "null";
    if (!value.getClass().isArray()) return value + " (" + value.getClass().getSimpleName() + ")";
    List<String> parts = new ArrayList<>();
    for (int index = 0; index < Array.getLength(value); index++) parts.add(String.valueOf(Array.get(value, index)));
    return parts + " (" + value.getClass().getSimpleName() + ")";
  }
}
