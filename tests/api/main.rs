//! The registry, seen from outside.

mod scenario;
