/**
 * The questions of database tools, from queries/*.sql, each sent as a prepared statement of JDBC. A question begins with a line `-- @ NAME`; the other lines of comments are
 *
 *   -- = CELL | CELL      some row has these cells, in this order, others may be between; * is any text, $USER, $DATABASE and $TIMEZONE are the connection's
 *   -- rows N             so many rows
 *   -- ? QUERY            the next parameter is the first value of that query
 */
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.regex.Pattern;

public class CheckTools {
  private record Question(String name, List<String> rows, int rowCount, List<String> parameters, String statement) {}

  private static final List<String> objects = List.of(
    "CREATE TABLE tauthor (id int PRIMARY KEY, name text NOT NULL, rating numeric(5,2) DEFAULT 1.5)",
    "CREATE TABLE tbook (id bigint PRIMARY KEY, author_id int REFERENCES tauthor (id), title text CHECK (length(title) > 0), tags text[])",
    "CREATE INDEX tbook_title ON tbook (title)", "CREATE VIEW tview AS SELECT id, title FROM tbook WHERE id > 0", "CREATE TYPE tcolor AS ENUM ('red', 'green')",
    "CREATE TABLE tauthor2 (color tcolor)", "CREATE SEQUENCE tsequence", "COMMENT ON TABLE tauthor IS 'people who write'", "COMMENT ON COLUMN tauthor.name IS 'full name'",
    "CREATE TABLE trows (a int, b text)", "INSERT INTO trows VALUES (1, 'a')");

  public static void main(String[] args) throws Exception {
    try (Connection db = Checks.connect()) {
      var objects = new Checks("JDBC tools:");
      for (String statement : CheckTools.objects) objects.check(statement.substring(0, Math.min(30, statement.length())), () -> Checks.run(db, statement));
      for (String tool : List.of("dbeaver", "datagrip", "tableau", "metabase")) {
        var checks = new Checks("JDBC " + tool + ":");
        for (Question question : read(Path.of(args[0], "queries", tool + ".sql"))) checks.check(question.name, () -> ask(db, question));
      }
      objects.check("objects are dropped", () -> Checks.run(db, "DROP VIEW tview", "DROP TABLE tbook", "DROP TABLE tauthor2", "DROP TABLE tauthor", "DROP TYPE tcolor", "DROP SEQUENCE tsequence", "DROP TABLE trows"));
    }
  }

  private static List<Question> read(Path file) throws Exception {
    List<Question> questions = new ArrayList<>();
    for (String part : Files.readString(file).split("(?m)^-- @ ")) {
      if (questions.isEmpty() && part.startsWith("--")) {
        questions.add(null);
        continue;
      }
      String[] lines = part.split("\n");
      List<String> rows = new ArrayList<>(), parameters = new ArrayList<>(), text = new ArrayList<>();
      int rowCount = -1;
      for (int index = 1; index < lines.length; index++) {
        if (lines[index].startsWith("-- = ")) rows.add(lines[index].substring(5));
        else if (lines[index].startsWith("-- ? ")) parameters.add(lines[index].substring(5));
        else if (lines[index].startsWith("-- rows ")) rowCount = Integer.parseInt(lines[index].substring(8));
        else text.add(lines[index]);
      }
      questions.add(new Question(lines[0], rows, rowCount, parameters, String.join("\n", text).strip()));
    }
    questions.remove(0);
    return questions;
  }

  private static void ask(Connection db, Question question) throws Exception {
    List<Object> values = new ArrayList<>();
    for (String parameter : question.parameters) values.add(Checks.value(db, parameter));
    try (PreparedStatement statement = db.prepareStatement(question.statement)) {
      for (int index = 0; index < values.size(); index++) {
        if (values.get(index) instanceof Number number) statement.setLong(index + 1, number.longValue());
        else statement.setObject(index + 1, values.get(index));
      }
      if (!statement.execute()) return;
      List<List<String>> rows = cells(statement.getResultSet());
      if (question.rowCount >= 0 && rows.size() != question.rowCount) {
        throw new AssertionError(rows.size() + " rows, expected " + question.rowCount + ": " + rows.subList(0, Math.min(3, rows.size())));
      }
      for (String expected : question.rows) {
        if (rows.stream().noneMatch(row -> matches(row, expected))) throw new AssertionError("no row " + expected + " in " + rows.size() + " rows: " + closest(rows, expected));
      }
    }
  }

  private static List<List<String>> cells(ResultSet result) throws Exception {
    List<List<String>> rows = new ArrayList<>();
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) row.add(String.valueOf(result.getString(column)));
      rows.add(row);
    }
    return rows;
  }

  private static boolean matches(List<String> row, String expected) {
    int column = 0;
    for (String cell : expected.split(" \\| ")) {
      Pattern pattern = pattern(cell);
      while (column < row.size() && !pattern.matcher(row.get(column)).matches()) column++;
      if (column++ >= row.size()) return false;
    }
    return true;
  }

  private static Pattern pattern(String cell) {
    String text = cell.replace("$USER", System.getenv("PGUSER")).replace("$DATABASE", System.getenv("PGDATABASE"))
      .replace("$TIMEZONE", TimeZone.getDefault().getID());
    return Pattern.compile("\\Q" + text.replace("*", "\\E.*\\Q") + "\\E", Pattern.DOTALL);
  }

  /** For the message: rows that have the first cell that is longer than a flag. */
  private static Object closest(List<List<String>> rows, String expected) {
    for (String cell : expected.split(" \\| ")) {
      var alike = rows.stream().filter(row -> cell.length() > 2 && row.stream().anyMatch(value -> pattern(cell).matcher(value).matches())).toList();
      if (!alike.isEmpty()) return alike.subList(0, Math.min(2, alike.size()));
    }
    return rows.subList(0, Math.min(2, rows.size()));
  }
}
