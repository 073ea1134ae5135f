/** The words for what may be done with each kind of object. */
export const tableWords = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
export const columnWords = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];
export const sequenceWords = ["USAGE", "SELECT", "UPDATE"];
export const schemaWords = ["USAGE", "CREATE"];
