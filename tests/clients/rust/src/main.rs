//! Checks tokio-postgres over TLS: each check prints one line, `ok NAME` or `not ok NAME: REASON`.

mod checks;
mod statements;
mod values;

use checks::List;

fn main() {
    let mut list = List::new("tokio-postgres:");
    list.check("values of every type come and go in binary", values::every_type());
    list.check("arrays come and go", values::arrays());
    list.check("NULL of every type", values::nulls());
    list.check("enums are found by name and by introspection", values::enums());
    list.check("columns and parameters are described", values::descriptions());
    list.check("the simple protocol gives text", values::simple_query());
    list.check("typed queries need no preparation", values::typed_queries());
    list.check("project tables are read", values::project_tables());
    list.check(
        "a statement prepared once is executed many times",
        statements::prepared(),
    );
    list.check("queries are pipelined", statements::pipelined());
    list.check("rows are streamed", statements::streamed());
    list.check(
        "transactions commit, roll back and fail as a whole",
        statements::transactions(),
    );
    list.check("nested transactions are savepoints", statements::savepoints());
    list.check("isolation levels and read-only transactions", statements::isolation());
    list.check("portals are read in portions and in turns", statements::portals());
    list.check("COPY in as text, CSV and binary", statements::copy_in());
    list.check("COPY out as text and binary", statements::copy_out());
    list.check("a COPY that is dropped loads nothing", statements::copy_dropped());
    list.check("errors carry SQLSTATE, position and constraint", statements::errors());
    list.check("a cancel token works over TLS", statements::cancel());
    list.check("statement_timeout", statements::statement_timeout());
    list.check("notifications and notices arrive", statements::notifications());
    list.check("wrong passwords are refused", statements::wrong_password());
    std::process::exit(list.status());
}
