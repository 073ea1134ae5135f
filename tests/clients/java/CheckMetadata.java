/** JDBC: DatabaseMetaData of every kind, over own tables and project tables; ResultSetMetaData and ParameterMetaData. */
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Types;
import java.util.List;
import java.util.TreeSet;
import org.postgresql.PGResultSetMetaData;

public class CheckMetadata {
  private static final List<String> objects = List.of(
    "CREATE TABLE jauthor (id int PRIMARY KEY, name text NOT NULL, born date, rating numeric(5,2) DEFAULT 1.5, CONSTRAINT jauthor_name_key UNIQUE (name))",
    "CREATE TABLE jbook (id bigint PRIMARY KEY, author_id int NOT NULL REFERENCES jauthor (id), title text CHECK (length(title) > 0), tags text[], extra json, isbn uuid)",
    "CREATE INDEX jbook_title ON jbook (title)", "CREATE UNIQUE INDEX jbook_isbn ON jbook (isbn, author_id)",
    "CREATE TABLE jpair (a int, b int, c int, PRIMARY KEY (b, a))", "CREATE TABLE junder_score (a int)", "CREATE TABLE junderxscore (a int)",
    "CREATE TABLE \"jMixed Case\" (\"Column One\" int, \"per%cent\" text)",
    "CREATE VIEW jview AS SELECT jbook.id, name, title FROM jbook JOIN jauthor ON jauthor.id = author_id",
    "CREATE TYPE jcolor AS ENUM ('red', 'green')", "CREATE SEQUENCE jsequence", "CREATE SCHEMA jschema", "CREATE TABLE jschema.jinner (x int)",
    "CREATE TEMP TABLE jtemporary (a int)",
    "CREATE TABLE jtypes (c_bool boolean, c_int2 smallint, c_int4 int, c_int8 bigint, c_float4 real, c_float8 double precision, c_numeric numeric(12,2), c_text text,"
      + " c_bytea bytea, c_date date, c_time time, c_timestamp timestamp, c_timestamptz timestamptz, c_interval interval, c_uuid uuid, c_json json, c_ints int[],"
      + " c_color jcolor, c_serial serial, c_bit bit varying)",
    "COMMENT ON TABLE jauthor IS 'people who write'", "COMMENT ON COLUMN jauthor.name IS 'full name'", "COMMENT ON VIEW jview IS 'books with authors'");

  private static Connection db;
  private static DatabaseMetaData meta;

  public static void main(String[] args) throws Exception {
    try (Connection connection = Checks.connect()) {
      db = connection;
      meta = db.getMetaData();
      var checks = new Checks("JDBC metadata:");
      for (String statement : objects) checks.check(statement.substring(0, Math.min(30, statement.length())), () -> Checks.run(db, statement));
      checks.check("product, version, limits and features", CheckMetadata::product);
      checks.check("getTables by type, schema and pattern", CheckMetadata::tables);
      checks.check("getTables with escaped and unescaped wildcards", CheckMetadata::wildcards);
      checks.check("getTables shows remarks", CheckMetadata::remarks);
      checks.check("getTables of system schemas", CheckMetadata::systemTables);
      checks.check("getColumns of an own table", CheckMetadata::columns);
      checks.check("getColumns of every type", CheckMetadata::columnTypes);
      checks.check("getColumns of project tables and views", CheckMetadata::projectColumns);
      checks.check("getColumns with patterns and of everything", CheckMetadata::allColumns);
      checks.check("getPrimaryKeys", CheckMetadata::primaryKeys);
      checks.check("getImportedKeys, getExportedKeys, getCrossReference", CheckMetadata::foreignKeys);
      checks.check("getIndexInfo", CheckMetadata::indexes);
      checks.check("getBestRowIdentifier and getVersionColumns", CheckMetadata::rowIdentifiers);
      checks.check("getSchemas and getCatalogs", CheckMetadata::schemas);
      checks.check("getTableTypes", CheckMetadata::tableTypes);
      checks.check("getTypeInfo", CheckMetadata::typeInfo);
      checks.check("getUDTs", CheckMetadata::userTypes);
      checks.check("getFunctions and getFunctionColumns", CheckMetadata::functions);
      checks.check("getProcedures and getProcedureColumns", CheckMetadata::procedures);
      checks.check("getTablePrivileges and getColumnPrivileges", CheckMetadata::privileges);
      checks.check("getClientInfoProperties, keywords and function lists", CheckMetadata::clientInfo);
      checks.check("kinds that PostgreSQL does not have", CheckMetadata::unsupportedKinds);
      checks.check("ResultSetMetaData of a table's columns", CheckMetadata::resultColumns);
      checks.check("ResultSetMetaData of expressions", CheckMetadata::resultExpressions);
      checks.check("ParameterMetaData", CheckMetadata::parameters);
      checks.check("objects of the checks are dropped", CheckMetadata::dropObjects);
    }
  }

  private static void dropObjects() throws Exception {
    Checks.run(db, "DROP VIEW jview", "DROP TABLE jtypes", "DROP TABLE jbook", "DROP TABLE jauthor", "DROP TABLE jpair", "DROP TABLE junder_score", "DROP TABLE junderxscore",
      "DROP TABLE \"jMixed Case\"", "DROP TYPE jcolor", "DROP SEQUENCE jsequence", "DROP TABLE jschema.jinner", "DROP SCHEMA jschema", "DROP TABLE jtemporary");
    Checks.equal(Checks.rows(meta.getTables(null, "public", "j%", null)), List.of());
  }

  private static void product() throws Exception {
    Checks.equal(meta.getDatabaseProductName(), "PostgreSQL");
    Checks.yes(meta.getDatabaseMajorVersion() >= 13, "major version " + meta.getDatabaseMajorVersion());
    Checks.yes(meta.getDatabaseProductVersion().startsWith(meta.getDatabaseMajorVersion() + "."), meta.getDatabaseProductVersion());
    Checks.equal(meta.getUserName(), System.getenv("PGUSER"));
    Checks.equal(meta.getIdentifierQuoteString(), "\"");
    Checks.equal(meta.getMaxColumnNameLength(), 63);
    Checks.equal(meta.getMaxConnections() > 0, true);
    Checks.equal(meta.supportsTransactions(), true);
    Checks.equal(meta.getDefaultTransactionIsolation(), Connection.TRANSACTION_READ_COMMITTED);
  }

  private static void tables() throws Exception {
    Checks.equal(Checks.rows(meta.getTables(null, "in\\_c\\_sales", "%", new String[] {"TABLE"}), "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE"),
      List.of("in_c_sales|customers|TABLE", "in_c_sales|orders|TABLE"));
    Checks.equal(Checks.rows(meta.getTables(null, "public", "j%", new String[] {"TABLE"}), "TABLE_NAME"),
      List.of("jMixed Case", "jauthor", "jbook", "jpair", "jtypes", "junder_score", "junderxscore"));
    Checks.equal(Checks.rows(meta.getTables(null, "public", "j%", new String[] {"VIEW"}), "TABLE_NAME"), List.of("jview"));
    Checks.equal(Checks.rows(meta.getTables(null, "public", "j%", new String[] {"SEQUENCE"}), "TABLE_NAME"), List.of("jsequence", "jtypes_c_serial_seq"));
    Checks.equal(Checks.rows(meta.getTables(null, "public", "jbook%", new String[] {"INDEX"}), "TABLE_NAME"), List.of("jbook_isbn", "jbook_pkey", "jbook_title"));
    Checks.equal(Checks.rows(meta.getTables(null, null, "jtemp%", new String[] {"TEMPORARY TABLE"}), "TABLE_NAME"), List.of("jtemporary"));
    Checks.equal(Checks.rows(meta.getTables(System.getenv("PGDATABASE"), "jschema", null, null), "TABLE_NAME"), List.of("jinner"));
    Checks.equal(Checks.rows(meta.getTables("", "", "jauthor", null)), List.of());
    String all = Checks.rows(meta.getTables(null, null, null, new String[] {"TABLE", "VIEW"}), "TABLE_SCHEM", "TABLE_NAME").toString();
    Checks.yes(all.contains("in_c_sales|orders") && all.contains("public|jauthor") && all.contains("jschema|jinner"), all);
    Checks.yes(!all.contains("__eider") && !all.contains("duckdb_"), all);
  }

  private static void wildcards() throws Exception {
    Checks.equal(Checks.rows(meta.getTables(null, "public", "junder_score", null), "TABLE_NAME"), List.of("junder_score", "junderxscore"));
    Checks.equal(Checks.rows(meta.getTables(null, "public", "junder\\_score", null), "TABLE_NAME"), List.of("junder_score"));
    Checks.equal(Checks.rows(meta.getColumns(null, "public", "jMixed Case", "per\\%%"), "COLUMN_NAME"), List.of("per%cent"));
    Checks.equal(Checks.rows(meta.getTables(null, "in_c_sale_", "o%s", null), "TABLE_NAME"), List.of("orders"));
    Checks.equal(Checks.rows(meta.getTables(null, "PUBLIC", "jauthor", null)), List.of());
    Checks.equal(meta.getSearchStringEscape(), "\\");
  }

  private static void remarks() throws Exception {
    Checks.equal(Checks.rows(meta.getTables(null, "public", "jauthor", null), "REMARKS"), List.of("people who write"));
    Checks.equal(Checks.rows(meta.getTables(null, "public", "jview", null), "REMARKS"), List.of("books with authors"));
    Checks.equal(Checks.rows(meta.getColumns(null, "public", "jauthor", "name"), "REMARKS"), List.of("full name"));
  }

  private static void systemTables() throws Exception {
    var system = Checks.rows(meta.getTables(null, "pg_catalog", "pg_c%", new String[] {"SYSTEM TABLE"}), "TABLE_NAME");
    Checks.yes(system.containsAll(List.of("pg_cast", "pg_class", "pg_collation", "pg_constraint")), system.toString());
    var views = Checks.rows(meta.getTables(null, "information_schema", "%", new String[] {"SYSTEM VIEW", "VIEW"}), "TABLE_NAME");
    Checks.yes(views.containsAll(List.of("columns", "tables", "schemata", "key_column_usage")), views.toString());
  }

  private static void columns() throws Exception {
    Checks.equal(Checks.rows(meta.getColumns(null, "public", "jauthor", null), "TABLE_CAT", "TABLE_SCHEM", "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "NULLABLE", "IS_NULLABLE",
      "ORDINAL_POSITION", "IS_AUTOINCREMENT", "IS_GENERATEDCOLUMN"), List.of(
      catalog() + "|public|id|4|int4|0|NO|1|NO|NO", catalog() + "|public|name|12|text|0|NO|2|NO|NO", catalog() + "|public|born|91|date|1|YES|3|NO|NO",
      catalog() + "|public|rating|2|numeric|1|YES|4|NO|NO"));
    Checks.equal(Checks.rows(meta.getColumns(null, "public", "jauthor", "rating"), "COLUMN_SIZE", "DECIMAL_DIGITS", "NUM_PREC_RADIX"), List.of("5|2|10"));
    String initial = Checks.rows(meta.getColumns(null, "public", "jauthor", "rating"), "COLUMN_DEF").get(0);
    Checks.yes(initial.contains("1.5"), initial);
  }

  private static String catalog() {
    return System.getenv("PGDATABASE");
  }

  private static void columnTypes() throws Exception {
    Checks.equal(Checks.rows(meta.getColumns(null, "public", "jtypes", "%"), "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "IS_AUTOINCREMENT"), List.of(
      "c_bool|-7|bool|1|0|NO", "c_int2|5|int2|5|0|NO", "c_int4|4|int4|10|0|NO", "c_int8|-5|int8|19|0|NO", "c_float4|7|float4|8|8|NO", "c_float8|8|float8|17|17|NO",
      "c_numeric|2|numeric|12|2|NO", "c_text|12|text|2147483647|0|NO", "c_bytea|-2|bytea|2147483647|0|NO", "c_date|91|date|13|0|NO", "c_time|92|time|15|6|NO",
      "c_timestamp|93|timestamp|29|6|NO", "c_timestamptz|93|timestamptz|35|6|NO", "c_interval|1111|interval|49|6|NO", "c_uuid|1111|uuid|2147483647|0|NO",
      "c_json|1111|json|2147483647|0|NO", "c_ints|2003|_int4|10|0|NO", "c_color|12|jcolor|2147483647|0|NO", "c_serial|4|serial|10|0|YES", "c_bit|1111|varbit|2147483647|0|NO"));
  }

  private static void projectColumns() throws Exception {
    Checks.equal(Checks.rows(meta.getColumns(null, "in_c_sales", "customers", null), "COLUMN_NAME", "TYPE_NAME", "ORDINAL_POSITION"),
      List.of("id|int8|1", "name|text|2", "city|text|3"));
    Checks.equal(Checks.rows(meta.getColumns(null, "in_c_sales", "orders", null), "COLUMN_NAME", "TYPE_NAME"),
      List.of("id|int8", "customer_id|int8", "amount|float8", "ordered_at|timestamp", "note|text"));
    Checks.equal(Checks.rows(meta.getColumns(null, "public", "jview", null), "COLUMN_NAME", "TYPE_NAME", "NULLABLE"), List.of("id|int8|1", "name|text|1", "title|text|1"));
  }

  private static void allColumns() throws Exception {
    Checks.equal(Checks.rows(meta.getColumns(null, null, "%", "customer\\_id"), "TABLE_NAME", "COLUMN_NAME"), List.of("orders|customer_id"));
    Checks.equal(Checks.rows(meta.getColumns(null, "jschema", null, null), "COLUMN_NAME"), List.of("x"));
    var classColumns = Checks.rows(meta.getColumns(null, "pg_catalog", "pg_class", "rel%"), "COLUMN_NAME", "TYPE_NAME");
    Checks.yes(classColumns.containsAll(List.of("relname|name", "relnamespace|oid", "relkind|char", "reltuples|float4", "relnatts|int2")), classColumns.toString());
    Checks.yes(Checks.rows(meta.getColumns(null, null, null, null), "COLUMN_NAME").size() > 300, "few columns in all");
  }

  private static void primaryKeys() throws Exception {
    Checks.equal(Checks.rows(meta.getPrimaryKeys(null, "public", "jauthor"), "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ", "PK_NAME"), List.of("public|jauthor|id|1|jauthor_pkey"));
    Checks.equal(Checks.rows(meta.getPrimaryKeys(null, null, "jpair"), "COLUMN_NAME", "KEY_SEQ"), List.of("b|1", "a|2"));
    Checks.equal(Checks.rows(meta.getPrimaryKeys(null, "public", "junder_score")), List.of());
  }

  private static void foreignKeys() throws Exception {
    String expected = "public|jauthor|id|public|jbook|author_id|1|3|3|jbook_author_id_fkey|jauthor_pkey|7";
    String[] names = {"PKTABLE_SCHEM", "PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_SCHEM", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "UPDATE_RULE", "DELETE_RULE", "FK_NAME", "PK_NAME",
      "DEFERRABILITY"};
    Checks.equal(Checks.rows(meta.getImportedKeys(null, "public", "jbook"), names), List.of(expected));
    Checks.equal(Checks.rows(meta.getExportedKeys(null, "public", "jauthor"), names), List.of(expected));
    Checks.equal(Checks.rows(meta.getCrossReference(null, "public", "jauthor", null, "public", "jbook"), names), List.of(expected));
    Checks.equal(Checks.rows(meta.getImportedKeys(null, "public", "jauthor")), List.of());
    Checks.equal(Checks.rows(meta.getExportedKeys(null, "in_c_sales", "orders")), List.of());
  }

  private static void indexes() throws Exception {
    Checks.equal(Checks.rows(meta.getIndexInfo(null, "public", "jbook", false, true), "NON_UNIQUE", "INDEX_NAME", "TYPE", "ORDINAL_POSITION", "COLUMN_NAME", "ASC_OR_DESC"),
      List.of("f|jbook_isbn|3|1|isbn|A", "f|jbook_isbn|3|2|author_id|A", "f|jbook_pkey|3|1|id|A", "t|jbook_title|3|1|title|A"));
    Checks.equal(Checks.rows(meta.getIndexInfo(null, "public", "jauthor", true, false), "INDEX_NAME", "COLUMN_NAME"), List.of("jauthor_name_key|name", "jauthor_pkey|id"));
    Checks.equal(Checks.rows(meta.getIndexInfo(null, "in_c_sales", "orders", false, false)), List.of());
  }

  private static void rowIdentifiers() throws Exception {
    Checks.equal(Checks.rows(meta.getBestRowIdentifier(null, "public", "jpair", DatabaseMetaData.bestRowSession, true), "COLUMN_NAME", "TYPE_NAME").size(), 2);
    Checks.equal(Checks.rows(meta.getVersionColumns(null, "public", "jauthor"), "COLUMN_NAME"), List.of("ctid"));
  }

  private static void schemas() throws Exception {
    var schemas = Checks.rows(meta.getSchemas(), "TABLE_SCHEM");
    Checks.yes(schemas.containsAll(List.of("in_c_sales", "information_schema", "jschema", "pg_catalog", "public")), schemas.toString());
    Checks.equal(schemas, List.copyOf(new TreeSet<>(schemas)));
    Checks.yes(schemas.stream().noneMatch(name -> name.startsWith("__") || name.equals("main")), schemas.toString());
    Checks.equal(Checks.rows(meta.getSchemas(null, "in\\_c%"), "TABLE_SCHEM"), List.of("in_c_sales"));
    Checks.yes(Checks.rows(meta.getCatalogs()).contains(catalog()), "this database is not a catalog");
  }

  private static void tableTypes() throws Exception {
    Checks.yes(Checks.rows(meta.getTableTypes()).containsAll(List.of("TABLE", "VIEW", "SEQUENCE", "INDEX", "TEMPORARY TABLE")), "table types");
  }

  private static void typeInfo() throws Exception {
    var types = Checks.rows(meta.getTypeInfo(), "TYPE_NAME", "DATA_TYPE");
    Checks.yes(types.containsAll(List.of("bool|-7", "int4|4", "int8|-5", "numeric|2", "text|12", "timestamptz|93", "uuid|1111", "bytea|-2", "_int4|2003", "jcolor|12")), types.toString());
  }

  private static void userTypes() throws Exception {
    Checks.equal(Checks.rows(meta.getUDTs(null, "public", "%", new int[] {Types.DISTINCT})), List.of());
    Checks.rows(meta.getUDTs(null, null, null, null));
  }

  private static void functions() throws Exception {
    var upper = Checks.rows(meta.getFunctions(null, "pg_catalog", "upper"), "FUNCTION_SCHEM", "FUNCTION_NAME", "FUNCTION_TYPE");
    Checks.yes(upper.contains("pg_catalog|upper|1"), upper.toString());
    var columns = Checks.rows(meta.getFunctionColumns(null, "pg_catalog", "initcap", null), "FUNCTION_NAME", "COLUMN_TYPE", "TYPE_NAME");
    Checks.equal(columns, List.of("initcap|4|text", "initcap|1|text"));
    Checks.equal(Checks.rows(meta.getFunctions(null, "in_c_sales", "nofunction")), List.of());
  }

  private static void procedures() throws Exception {
    Checks.equal(Checks.rows(meta.getProcedures(null, "public", "%")), List.of());
    Checks.equal(Checks.rows(meta.getProcedureColumns(null, "public", "%", null)), List.of());
  }

  private static void privileges() throws Exception {
    String user = System.getenv("PGUSER");
    var own = Checks.rows(meta.getTablePrivileges(null, "public", "jauthor"), "GRANTEE", "PRIVILEGE");
    Checks.yes(own.containsAll(List.of(user + "|DELETE", user + "|INSERT", user + "|SELECT", user + "|UPDATE")), own.toString());
    var project = Checks.rows(meta.getTablePrivileges(null, "in_c_sales", "orders"), "GRANTEE", "PRIVILEGE");
    Checks.yes(project.contains(user + "|SELECT"), project.toString());
    var columns = Checks.rows(meta.getColumnPrivileges(null, "public", "jauthor", "name"), "COLUMN_NAME", "GRANTEE", "PRIVILEGE");
    Checks.yes(columns.contains("name|" + user + "|SELECT"), columns.toString());
  }

  private static void clientInfo() throws Exception {
    Checks.equal(Checks.rows(meta.getClientInfoProperties(), "NAME"), List.of("ApplicationName"));
    Checks.yes(meta.getSQLKeywords().contains("ilike"), meta.getSQLKeywords());
    Checks.yes(meta.getNumericFunctions().contains("abs") && meta.getStringFunctions().contains("concat"), "function lists");
  }

  private static void unsupportedKinds() throws Exception {
    for (Checks.Body kind : List.<Checks.Body>of(() -> meta.getSuperTables(null, null, null), () -> meta.getSuperTypes(null, null, null), () -> meta.getAttributes(null, null, null, null),
        () -> meta.getPseudoColumns(null, null, null, null))) {
      Checks.raises("0A000", kind);
    }
  }

  private static void resultColumns() throws Exception {
    try (PreparedStatement statement = db.prepareStatement("SELECT id, name AS title, rating, born FROM jauthor AS a")) {
      ResultSetMetaData columns = statement.getMetaData();
      Checks.equal(columns.getColumnCount(), 4);
      Checks.equal(columns.getColumnLabel(2), "title");
      Checks.equal(columns.getColumnTypeName(3), "numeric");
      Checks.equal(columns.getPrecision(3), 5);
      Checks.equal(columns.getScale(3), 2);
      Checks.equal(columns.getColumnClassName(3), "java.math.BigDecimal");
      Checks.equal(columns.getColumnType(4), Types.DATE);
      Checks.equal(columns.isNullable(1), ResultSetMetaData.columnNoNulls);
      Checks.equal(columns.isNullable(4), ResultSetMetaData.columnNullable);
      var driver = (PGResultSetMetaData) columns;
      Checks.equal(driver.getBaseTableName(2), "jauthor");
      Checks.equal(driver.getBaseColumnName(2), "name");
      Checks.equal(driver.getBaseSchemaName(2), "public");
      Checks.equal(columns.isAutoIncrement(1), false);
    }
    try (ResultSet rows = db.createStatement().executeQuery("SELECT c_serial, c_int4 FROM jtypes")) {
      Checks.equal(rows.getMetaData().isAutoIncrement(1), true);
      Checks.equal(rows.getMetaData().getColumnTypeName(1), "serial");
      Checks.equal(rows.getMetaData().isAutoIncrement(2), false);
    }
    try (ResultSet rows = db.createStatement().executeQuery("SELECT * FROM in_c_sales.orders")) {
      var driver = (PGResultSetMetaData) rows.getMetaData();
      Checks.equal(driver.getBaseSchemaName(1) + "." + driver.getBaseTableName(1) + "." + driver.getBaseColumnName(3), "in_c_sales.orders.amount");
    }
  }

  private static void resultExpressions() throws Exception {
    try (ResultSet rows = db.createStatement().executeQuery("SELECT 1 + 1, 'x'::text AS t, count(*), now(), 1.5::numeric(10,3) AS n, sum(amount) FROM in_c_sales.orders")) {
      ResultSetMetaData columns = rows.getMetaData();
      Checks.equal(columns.getColumnName(1) + " " + columns.getColumnName(3) + " " + columns.getColumnName(4) + " " + columns.getColumnName(6), "?column? count now sum");
      Checks.equal(columns.getTableName(1), "");
      Checks.equal(columns.getColumnTypeName(1) + " " + columns.getColumnTypeName(3) + " " + columns.getColumnTypeName(4) + " " + columns.getColumnTypeName(6), "int4 int8 timestamptz float8");
      Checks.equal(columns.getPrecision(5) + "," + columns.getScale(5), "10,3");
      Checks.equal(columns.isNullable(1), ResultSetMetaData.columnNullableUnknown);
    }
  }

  private static void parameters() throws Exception {
    try (PreparedStatement statement = db.prepareStatement("INSERT INTO jauthor (id, name, born, rating) VALUES (?, ?, ?, ?)")) {
      var parameters = statement.getParameterMetaData();
      Checks.equal(parameters.getParameterCount(), 4);
      Checks.equal(parameters.getParameterTypeName(1) + " " + parameters.getParameterTypeName(2) + " " + parameters.getParameterTypeName(3) + " " + parameters.getParameterTypeName(4),
        "int4 text date numeric");
    }
    try (PreparedStatement statement = db.prepareStatement("SELECT * FROM in_c_sales.orders WHERE id = ? AND amount > ? AND note LIKE ? AND ordered_at < ?")) {
      var parameters = statement.getParameterMetaData();
      Checks.equal(parameters.getParameterType(1) + " " + parameters.getParameterType(2) + " " + parameters.getParameterType(3) + " " + parameters.getParameterType(4),
        Types.BIGINT + " " + Types.DOUBLE + " " + Types.VARCHAR + " " + Types.TIMESTAMP);
      Checks.equal(statement.getMetaData().getColumnCount(), 5);
    }
  }
}
