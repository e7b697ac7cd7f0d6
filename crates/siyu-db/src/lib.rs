//! The business database: pools, migrations, transactions, the durable job queue.
