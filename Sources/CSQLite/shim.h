#include <sqlite3.h>

/// sqlite3_config is variadic, which Swift can not call. Without statistics SQLite takes no lock for each allocation.
/// Before anything else of SQLite.
static inline int csqlite_keep_no_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
