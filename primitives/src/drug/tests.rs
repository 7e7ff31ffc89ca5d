//! Leaves, chains and verdicts.
